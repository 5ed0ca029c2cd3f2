-- Leaving: what one wrote as a file, and an account that goes without a trace. What hangs
-- on a user goes with the row; what was counted is counted anew first.

-- read each export_articles(me int, after int, limit int)
--      -> (id int, slug text, title text, description text, body text, tags text,
--          created_at time, updated_at time)
SELECT id, slug, title, description, body, tags, created_at, updated_at FROM articles
WHERE author_id = :me AND id > :after ORDER BY id LIMIT :limit;

-- read each export_comments(me int, after int, limit int)
--      -> (id int, slug text, body text, created_at time)
SELECT c.id, a.slug, c.body, c.created_at
FROM comments c JOIN articles a ON a.id = c.article_id
WHERE c.author_id = :me AND c.id > :after ORDER BY c.id LIMIT :limit;

-- read each export_reports(me int, after int, limit int)
--      -> (id int, kind text, slug text?, comment int, person text?, why text, open bool,
--          created_at time)
SELECT r.id, IF(r.user_id IS NOT NULL, 'person',
		IF(r.comment_id IS NOT NULL, 'comment', 'article')),
	a.slug, COALESCE(r.comment_id, 0), u.name, r.why, r.open, r.created_at
FROM reports r LEFT JOIN comments c ON c.id = r.comment_id
LEFT JOIN articles a ON a.id = COALESCE(r.article_id, c.article_id)
LEFT JOIN users u ON u.id = r.user_id
WHERE r.reporter_id = :me AND r.id > :after ORDER BY r.id LIMIT :limit;

-- write gone_tags(me int, epoch int)
UPDATE tags t JOIN (SELECT x.tag_id, COUNT(*) AS n FROM articles a
	JOIN article_tags x ON x.article_id = a.id WHERE a.author_id = :me
	GROUP BY x.tag_id) g ON g.tag_id = t.id
JOIN users m ON m.id = :me AND m.epoch = :epoch
SET t.articles = t.articles - g.n;

-- write gone_fans(me int, epoch int)
UPDATE users u JOIN (SELECT v.user_id, COUNT(*) AS n FROM articles a
	JOIN favorites v ON v.article_id = a.id
	WHERE a.author_id = :me AND a.state = 'public' GROUP BY v.user_id) g ON g.user_id = u.id
JOIN users m ON m.id = :me AND m.epoch = :epoch
SET u.favorites = u.favorites - g.n;

-- write gone_favorites(me int, epoch int)
UPDATE articles a JOIN favorites v ON v.article_id = a.id
JOIN users m ON m.id = v.user_id
SET a.favorites = a.favorites - 1
WHERE m.id = :me AND m.epoch = :epoch;

-- write gone_comments(me int, epoch int)
UPDATE articles a JOIN (SELECT article_id, COUNT(*) AS n FROM comments
	WHERE author_id = :me AND state = 'public' GROUP BY article_id) g ON g.article_id = a.id
JOIN users m ON m.id = :me AND m.epoch = :epoch
SET a.comments = a.comments - g.n;

-- write gone_articles(me int, epoch int)
UPDATE site s JOIN users m ON m.id = :me AND m.epoch = :epoch
SET s.articles = s.articles - m.articles WHERE s.id = 1;

-- write gone_user(me int, epoch int)
DELETE FROM users WHERE id = :me AND epoch = :epoch;

-- Tags that nobody else used and that name who left.
-- write scan gone_tag_names(me int, who text)
DELETE t FROM tags t WHERE t.articles = 0 AND t.name REGEXP :who
	AND NOT EXISTS (SELECT 1 FROM users WHERE id = :me)
	AND NOT EXISTS (SELECT 1 FROM article_tags x WHERE x.tag_id = t.id)
	AND NOT EXISTS (SELECT 1 FROM articles a WHERE a.state <> 'public'
		AND LOCATE(CONCAT('\n', t.name, '\n'), CONCAT('\n', a.tags, '\n')) > 0);

-- Answers that were kept for writes done twice. Only oneself is told the address, as a
-- whole field; what one wrote stands beside one's id and name. In what else others were
-- told, who has left has another name of the same length.
-- write scan gone_answers(me int, email bytes, author bytes)
DELETE FROM once WHERE (LOCATE(:email, answer) > 0 OR LOCATE(:author, answer) > 0)
	AND NOT EXISTS (SELECT 1 FROM users WHERE id = :me);

-- write scan gone_named(me int, name bytes, nobody bytes)
UPDATE once SET answer = REPLACE(answer, :name, :nobody)
WHERE LOCATE(:name, answer) > 0 AND NOT EXISTS (SELECT 1 FROM users WHERE id = :me);
