-- Articles: lists, one, writing. `me` is who asks, 0 for a visitor. Everything here is
-- newest first; ids are given out in the order of time. A list finds its ids in an index
-- before it joins anything, so that page 1,000 costs little more than page 1. The index is
-- named: the optimizer, asked a second time for a page far back, reads the whole articles.
-- What me follows and likes is joined, and for a visitor not looked for: as subqueries the
-- two took 100 us of the 255 that the server needs for 20 articles.
--
-- A write is done only if me and epoch name a member who may still sign in: a caller asks
-- for `me` (users.sql) in the same message to learn whether it was.

-- read article_recent(me int, limit int, offset int)
--      -> (id int, slug text, title text, description text, tags text, created_at time,
--          updated_at time, favorites int, comments int, author_id int, author text,
--          bio text?, image text?, following bool, favorited bool, body text?, html text?)
SELECT a.id, a.slug, a.title, a.description, a.tags, a.created_at, a.updated_at,
	a.favorites, a.comments, u.id, u.name, u.bio, u.image,
	f.follower_id IS NOT NULL, v.user_id IS NOT NULL,
	CAST(NULL AS CHAR), CAST(NULL AS CHAR)
FROM (SELECT id FROM articles FORCE INDEX (recent) WHERE state = 'public'
	ORDER BY id DESC LIMIT :limit OFFSET :offset) p
STRAIGHT_JOIN articles a ON a.id = p.id STRAIGHT_JOIN users u ON u.id = a.author_id
LEFT JOIN follows f ON :me > 0 AND f.follower_id = :me AND f.followed_id = u.id
LEFT JOIN favorites v ON :me > 0 AND v.user_id = :me AND v.article_id = a.id
ORDER BY a.id DESC;

-- read article_by_tag(me int, tag text, limit int, offset int) -> article_recent
SELECT a.id, a.slug, a.title, a.description, a.tags, a.created_at, a.updated_at,
	a.favorites, a.comments, u.id, u.name, u.bio, u.image,
	f.follower_id IS NOT NULL, v.user_id IS NOT NULL,
	CAST(NULL AS CHAR), CAST(NULL AS CHAR)
FROM (SELECT x.article_id AS id FROM tags t JOIN article_tags x ON x.tag_id = t.id
	WHERE t.name = :tag ORDER BY x.article_id DESC LIMIT :limit OFFSET :offset) p
STRAIGHT_JOIN articles a ON a.id = p.id STRAIGHT_JOIN users u ON u.id = a.author_id
LEFT JOIN follows f ON :me > 0 AND f.follower_id = :me AND f.followed_id = u.id
LEFT JOIN favorites v ON :me > 0 AND v.user_id = :me AND v.article_id = a.id
ORDER BY a.id DESC;

-- read article_by_author(me int, author text, limit int, offset int) -> article_recent
SELECT a.id, a.slug, a.title, a.description, a.tags, a.created_at, a.updated_at,
	a.favorites, a.comments, u.id, u.name, u.bio, u.image,
	f.follower_id IS NOT NULL, v.user_id IS NOT NULL,
	CAST(NULL AS CHAR), CAST(NULL AS CHAR)
FROM (SELECT b.id FROM users w JOIN articles b FORCE INDEX (by_author) ON b.author_id = w.id
	WHERE w.name = :author AND b.state = 'public'
	ORDER BY b.id DESC LIMIT :limit OFFSET :offset) p
STRAIGHT_JOIN articles a ON a.id = p.id STRAIGHT_JOIN users u ON u.id = a.author_id
LEFT JOIN follows f ON :me > 0 AND f.follower_id = :me AND f.followed_id = u.id
LEFT JOIN favorites v ON :me > 0 AND v.user_id = :me AND v.article_id = a.id
ORDER BY a.id DESC;

-- read article_by_fan(me int, fan text, limit int, offset int) -> article_recent
SELECT a.id, a.slug, a.title, a.description, a.tags, a.created_at, a.updated_at,
	a.favorites, a.comments, u.id, u.name, u.bio, u.image,
	f.follower_id IS NOT NULL, v.user_id IS NOT NULL,
	CAST(NULL AS CHAR), CAST(NULL AS CHAR)
FROM (SELECT v.article_id AS id FROM users w JOIN favorites v ON v.user_id = w.id
	JOIN articles b ON b.id = v.article_id AND b.state = 'public'
	WHERE w.name = :fan ORDER BY v.article_id DESC LIMIT :limit OFFSET :offset) p
STRAIGHT_JOIN articles a ON a.id = p.id STRAIGHT_JOIN users u ON u.id = a.author_id
LEFT JOIN follows f ON :me > 0 AND f.follower_id = :me AND f.followed_id = u.id
LEFT JOIN favorites v ON :me > 0 AND v.user_id = :me AND v.article_id = a.id
ORDER BY a.id DESC;

-- The articles of those whom me follows.
-- read article_feed(me int, limit int, offset int) -> article_recent
SELECT a.id, a.slug, a.title, a.description, a.tags, a.created_at, a.updated_at,
	a.favorites, a.comments, u.id, u.name, u.bio, u.image, 1,
	v.user_id IS NOT NULL, CAST(NULL AS CHAR), CAST(NULL AS CHAR)
FROM (SELECT b.id FROM follows w JOIN articles b ON b.author_id = w.followed_id
	WHERE w.follower_id = :me AND b.state = 'public'
	ORDER BY b.id DESC LIMIT :limit OFFSET :offset) p
STRAIGHT_JOIN articles a ON a.id = p.id STRAIGHT_JOIN users u ON u.id = a.author_id
LEFT JOIN favorites v ON v.user_id = :me AND v.article_id = a.id
ORDER BY a.id DESC;

-- Those that the keepers pinned to the home page.
-- read article_pinned(me int) -> article_recent
SELECT a.id, a.slug, a.title, a.description, a.tags, a.created_at, a.updated_at,
	a.favorites, a.comments, u.id, u.name, u.bio, u.image,
	f.follower_id IS NOT NULL, v.user_id IS NOT NULL,
	CAST(NULL AS CHAR), CAST(NULL AS CHAR)
FROM pins p STRAIGHT_JOIN articles a ON a.id = p.article_id
STRAIGHT_JOIN users u ON u.id = a.author_id
LEFT JOIN follows f ON :me > 0 AND f.follower_id = :me AND f.followed_id = u.id
LEFT JOIN favorites v ON :me > 0 AND v.user_id = :me AND v.article_id = a.id
WHERE p.place = 'home' AND a.state = 'public' ORDER BY p.n;

-- Several filters at once; null is any.
-- read scan article_filtered(me int, tag text?, author text?, fan text?, limit int,
--      offset int) -> article_recent
SELECT a.id, a.slug, a.title, a.description, a.tags, a.created_at, a.updated_at,
	a.favorites, a.comments, u.id, u.name, u.bio, u.image,
	EXISTS(SELECT 1 FROM follows WHERE follower_id = :me AND followed_id = u.id),
	EXISTS(SELECT 1 FROM favorites WHERE user_id = :me AND article_id = a.id),
	CAST(NULL AS CHAR), CAST(NULL AS CHAR)
FROM articles a JOIN users u ON u.id = a.author_id
WHERE a.state = 'public' AND (:author IS NULL OR u.name = :author)
	AND (:tag IS NULL OR EXISTS(SELECT 1 FROM tags t JOIN article_tags x
		ON x.tag_id = t.id WHERE t.name = :tag AND x.article_id = a.id))
	AND (:fan IS NULL OR EXISTS(SELECT 1 FROM users w JOIN favorites v
		ON v.user_id = w.id WHERE w.name = :fan AND v.article_id = a.id))
ORDER BY a.id DESC LIMIT :limit OFFSET :offset;

-- By its slug, or by one it had before. A hidden one is its author's and the moderators'.
-- read article_by_slug(me int, slug text) -> article_recent
SELECT a.id, a.slug, a.title, a.description, a.tags, a.created_at, a.updated_at,
	a.favorites, a.comments, u.id, u.name, u.bio, u.image,
	EXISTS(SELECT 1 FROM follows WHERE follower_id = :me AND followed_id = u.id),
	EXISTS(SELECT 1 FROM favorites WHERE user_id = :me AND article_id = a.id),
	a.body, a.html
FROM articles a JOIN users u ON u.id = a.author_id
WHERE a.id = COALESCE((SELECT id FROM articles WHERE slug = :slug),
	(SELECT article_id FROM old_slugs WHERE slug = :slug))
	AND (a.state = 'public' OR a.author_id = :me OR EXISTS(SELECT 1 FROM users
		WHERE id = :me AND role IN ('moderator', 'keeper')));

-- How many there are, kept by those who write.
-- read article_count_all() -> (articles int)
SELECT articles FROM site WHERE id = 1;

-- read article_count_tag(tag text) -> article_count_all
SELECT articles FROM tags WHERE name = :tag;

-- read article_count_author(author text) -> article_count_all
SELECT articles FROM users WHERE name = :author;

-- read article_count_fan(fan text) -> article_count_all
SELECT favorites FROM users WHERE name = :fan;

-- read article_count_feed(me int) -> article_count_all
SELECT CAST(COALESCE(SUM(u.articles), 0) AS SIGNED)
FROM follows w JOIN users u ON u.id = w.followed_id WHERE w.follower_id = :me;

-- read scan article_count_filtered(tag text?, author text?, fan text?) -> article_count_all
SELECT COUNT(*) FROM articles a JOIN users u ON u.id = a.author_id
WHERE a.state = 'public' AND (:author IS NULL OR u.name = :author)
	AND (:tag IS NULL OR EXISTS(SELECT 1 FROM tags t JOIN article_tags x
		ON x.tag_id = t.id WHERE t.name = :tag AND x.article_id = a.id))
	AND (:fan IS NULL OR EXISTS(SELECT 1 FROM users w JOIN favorites v
		ON v.user_id = w.id WHERE w.name = :fan AND v.article_id = a.id));

-- ---- writing; the tags are a JSON list, as JSON_TABLE reads it ----

-- Who may not write has no id, and an article without author is refused: then nothing of
-- the message is done, and what follows never meets another article of this slug.
-- write article_add(me int, epoch int, slug text, title text, description text, body text,
--      html text, html_by int, tags text)
INSERT INTO articles (author_id, slug, title, description, body, html, html_by, tags,
	published)
SELECT (SELECT u.id FROM users u JOIN site s ON s.id = 1
	WHERE u.id = :me AND u.epoch = :epoch AND u.state = 'active'
	AND (s.articles_a_day = 0 OR s.articles_a_day > (SELECT COUNT(*) FROM articles b
		WHERE b.author_id = :me
		AND b.created_at > CURRENT_TIMESTAMP(3) - INTERVAL 1 DAY))),
	:slug, :title, :description, :body, :html, :html_by, :tags, CURRENT_TIMESTAMP(3);

-- One more for its author and for the site, right after article_add.
-- write article_added(slug text)
UPDATE articles a JOIN users u ON u.id = a.author_id JOIN site s ON s.id = 1
SET u.articles = u.articles + 1, s.articles = s.articles + 1 WHERE a.slug = :slug;

-- The time always moves, however quickly one edit follows another.
-- write article_change(id int, me int, epoch int, slug text, title text, description text,
--      body text, html text, html_by int, tags text)
UPDATE articles a JOIN users u ON u.id = a.author_id
SET a.slug = :slug, a.title = :title, a.description = :description, a.body = :body,
	a.html = :html, a.html_by = :html_by, a.tags = :tags,
	a.updated_at = GREATEST(CURRENT_TIMESTAMP(3), a.updated_at + INTERVAL 1000 MICROSECOND)
WHERE a.id = :id AND u.id = :me AND u.epoch = :epoch AND u.state = 'active';

-- Before the slug changes: whoever has the old address finds the article.
-- write article_keep_slug(id int, slug text)
INSERT INTO old_slugs (slug, article_id) SELECT slug, id FROM articles
WHERE id = :id AND slug <> :slug
ON DUPLICATE KEY UPDATE article_id = :id;

-- The counts of what will be gone, before article_delete: of its tags and of its fans.
-- write article_delete_tags(slug text, me int, epoch int)
UPDATE articles a JOIN users u ON u.id = a.author_id
	JOIN article_tags x ON x.article_id = a.id JOIN tags t ON t.id = x.tag_id
SET t.articles = t.articles - 1
WHERE a.slug = :slug AND u.id = :me AND u.epoch = :epoch AND u.state = 'active';

-- write article_delete_fans(slug text, me int, epoch int)
UPDATE articles a JOIN users u ON u.id = a.author_id
	JOIN favorites v ON v.article_id = a.id JOIN users w ON w.id = v.user_id
SET w.favorites = w.favorites - 1
WHERE a.slug = :slug AND a.state = 'public' AND u.id = :me AND u.epoch = :epoch AND u.state = 'active';

-- write article_delete_counts(slug text, me int, epoch int)
UPDATE articles a JOIN users u ON u.id = a.author_id JOIN site s ON s.id = 1
SET u.articles = u.articles - 1, s.articles = s.articles - 1
WHERE a.slug = :slug AND a.state = 'public' AND u.id = :me AND u.epoch = :epoch AND u.state = 'active';

-- write article_delete(slug text, me int, epoch int)
DELETE a FROM articles a JOIN users u ON u.id = a.author_id
WHERE a.slug = :slug AND u.id = :me AND u.epoch = :epoch AND u.state = 'active';

-- For search engines; the ids are found first.
-- read sitemap(limit int, offset int) -> (slug text, updated_at time)
SELECT a.slug, a.updated_at
FROM (SELECT id FROM articles FORCE INDEX (recent) WHERE state = 'public'
	ORDER BY id DESC LIMIT :limit OFFSET :offset) p
JOIN articles a ON a.id = p.id ORDER BY a.id DESC;
