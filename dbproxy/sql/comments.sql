-- Comments and favourites: what readers leave at an article.

-- A hidden one is its author's and the moderators', with the reason.
-- read comment_list(me int, slug text)
--      -> (id int, article_id int, created_at time, updated_at time, body text, html text,
--          author_id int, author text, bio text?, image text?, following bool,
--          hidden_why text?)
SELECT c.id, c.article_id, c.created_at, c.updated_at, c.body, c.html,
	u.id, u.name, u.bio, u.image,
	f.follower_id IS NOT NULL,
	IF(c.state = 'hidden', COALESCE(c.hidden_why, ''), NULL)
FROM articles a JOIN comments c ON c.article_id = a.id JOIN users u ON u.id = c.author_id
LEFT JOIN follows f ON :me > 0 AND f.follower_id = :me AND f.followed_id = u.id
WHERE a.slug = :slug AND (c.state = 'public' OR c.author_id = :me
	OR EXISTS(SELECT 1 FROM users WHERE id = :me AND role IN ('moderator', 'keeper')))
ORDER BY c.id LIMIT 1000;

-- read comment_one(me int, id int) -> comment_list
SELECT c.id, c.article_id, c.created_at, c.updated_at, c.body, c.html,
	u.id, u.name, u.bio, u.image,
	EXISTS(SELECT 1 FROM follows WHERE follower_id = :me AND followed_id = u.id),
	IF(c.state = 'hidden', COALESCE(c.hidden_why, ''), NULL)
FROM comments c JOIN users u ON u.id = c.author_id
WHERE c.id = :id AND (c.state = 'public' OR c.author_id = :me);

-- Right after comment_add, in the same message.
-- read comment_added(me int) -> comment_list
SELECT c.id, c.article_id, c.created_at, c.updated_at, c.body, c.html,
	u.id, u.name, u.bio, u.image, 0, CAST(NULL AS CHAR)
FROM comments c JOIN users u ON u.id = c.author_id
WHERE c.id = LAST_INSERT_ID() AND c.author_id = :me;

-- First of all: of two who write at one article one waits. Each would else share the row,
-- as a new comment's foreign key does, and then want it alone to count: a deadlock.
-- write comment_lock(slug text)
UPDATE articles SET updated_at = updated_at WHERE slug = :slug;

-- write comment_add(me int, epoch int, slug text, body text, html text)
INSERT INTO comments (article_id, author_id, body, html)
SELECT a.id, u.id, :body, :html FROM users u JOIN articles a ON a.slug = :slug
	JOIN site s ON s.id = 1 AND s.comment_length >= CHAR_LENGTH(:body)
WHERE u.id = :me AND u.epoch = :epoch AND u.state = 'active'
	AND (a.state = 'public' OR a.author_id = u.id);

-- The count moves by what the statement before it did.
-- write comment_counted(slug text)
UPDATE articles SET comments = comments + ROW_COUNT() WHERE slug = :slug;

-- Before comment_delete: what is hidden is not counted.
-- write comment_uncounted(id int, slug text, me int, epoch int)
UPDATE articles a JOIN comments c ON c.article_id = a.id AND c.state = 'public'
	JOIN users u ON u.id = c.author_id
SET a.comments = a.comments - 1
WHERE c.id = :id AND a.slug = :slug
	AND u.id = :me AND u.epoch = :epoch AND u.state = 'active';

-- write comment_delete(id int, slug text, me int, epoch int)
DELETE c FROM comments c JOIN users u ON u.id = c.author_id
	JOIN articles a ON a.id = c.article_id
WHERE c.id = :id AND a.slug = :slug
	AND u.id = :me AND u.epoch = :epoch AND u.state = 'active';

-- First of all, as comment_lock; the fan's row is counted in, too.
-- write favorite_lock(me int, slug text)
UPDATE articles a JOIN users u ON u.id = :me
SET a.updated_at = a.updated_at, u.favorites = u.favorites WHERE a.slug = :slug;

-- write favorite_add(me int, epoch int, slug text)
INSERT IGNORE INTO favorites (user_id, article_id)
SELECT u.id, a.id FROM users u JOIN articles a ON a.slug = :slug AND a.state = 'public'
WHERE u.id = :me AND u.epoch = :epoch AND u.state = 'active';

-- write favorite_delete(me int, epoch int, slug text)
DELETE f FROM favorites f JOIN users u ON u.id = f.user_id
	JOIN articles a ON a.id = f.article_id AND a.state = 'public'
WHERE u.id = :me AND u.epoch = :epoch AND u.state = 'active' AND a.slug = :slug;

-- Right after either: the article's count and the fan's.
-- write favorite_counted(me int, slug text, more int)
UPDATE articles a JOIN users u ON u.id = :me
SET a.favorites = a.favorites + :more * (@changed := ROW_COUNT()),
	u.favorites = u.favorites + :more * @changed
WHERE a.slug = :slug;
