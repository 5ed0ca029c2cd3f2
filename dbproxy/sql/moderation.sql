-- Moderation. Every act is one message: the first statement asks whether the actor may (an
-- active moderator or keeper; of keepers nobody, of moderators only keepers, of oneself
-- nobody) and marks what it is about; those after it act on what is marked, so that none
-- can be done without the first. What is counted follows what is public.

-- Why an article is hidden, for its author and moderators. No row: it is not, or is not
-- theirs to see.
-- read article_hidden(me int, slug text) -> (why text, with_author bool)
SELECT COALESCE(a.hidden_why, ''), a.hidden_with_author FROM articles a
JOIN users m ON m.id = :me
WHERE a.slug = :slug AND a.state = 'hidden'
	AND (a.author_id = m.id OR m.role IN ('moderator', 'keeper'));

-- What of one's own is hidden.
-- read hidden_mine(me int) -> (slug text, title text, why text)
SELECT slug, title, COALESCE(hidden_why, '') FROM articles
WHERE author_id = :me AND state = 'hidden' ORDER BY id DESC LIMIT 100;

-- Whom an act would meet: of an article, a comment or a person, the others null.
-- read moderated(me int, slug text?, comment int, name text?)
--      -> (id int, name text, role text, suspended bool, why text?, hides bool, hidden bool,
--          hidden_why text?, slug text?, title text?, body text?)
SELECT u.id, u.name, u.role, u.state = 'suspended', u.suspended_why, u.suspended_hides,
	COALESCE(a.state = 'hidden', c.state = 'hidden', 0), COALESCE(a.hidden_why, c.hidden_why),
	COALESCE(a.slug, b.slug), COALESCE(a.title, b.title), LEFT(c.body, 300)
FROM users m
LEFT JOIN articles a ON a.slug = :slug
LEFT JOIN comments c ON c.id = :comment
LEFT JOIN articles b ON b.id = c.article_id
JOIN users u ON u.id = COALESCE(a.author_id, c.author_id,
	(SELECT id FROM users WHERE name = :name AND state <> 'gone'))
WHERE m.id = :me AND m.role IN ('moderator', 'keeper');

-- ---- articles: mark, then move ----

-- write article_hide(me int, epoch int, slug text, why text)
UPDATE articles a JOIN users u ON u.id = a.author_id
	JOIN users m ON m.id = :me AND m.epoch = :epoch AND m.state = 'active'
SET a.state = 'hiding', a.hidden_why = :why, a.hidden_with_author = 0
WHERE a.slug = :slug AND a.state = 'public' AND u.id <> m.id
	AND (m.role = 'keeper' AND u.role <> 'keeper'
		OR m.role = 'moderator' AND u.role = 'member');

-- write article_restore(me int, epoch int, slug text)
UPDATE articles a JOIN users u ON u.id = a.author_id
	JOIN users m ON m.id = :me AND m.epoch = :epoch AND m.state = 'active'
SET a.state = 'showing', a.hidden_why = NULL, a.hidden_with_author = 0
WHERE a.slug = :slug AND a.state = 'hidden' AND u.id <> m.id
	AND (m.role = 'keeper' AND u.role <> 'keeper'
		OR m.role = 'moderator' AND u.role = 'member');

-- All of somebody who was suspended so that nothing of theirs is seen.
-- write article_hide_all(name text)
UPDATE users u JOIN articles a ON a.author_id = u.id AND a.state = 'public'
SET a.state = 'hiding', a.hidden_why = u.suspended_why, a.hidden_with_author = 1
WHERE u.name = :name AND u.state = 'suspended' AND u.suspended_hides;

-- write article_restore_all(name text)
UPDATE users u JOIN articles a ON a.author_id = u.id AND a.state = 'hidden'
SET a.state = 'showing', a.hidden_why = NULL, a.hidden_with_author = 0
WHERE u.name = :name AND u.state = 'active' AND a.hidden_with_author;

-- write moved_log(me int, act text, why text)
INSERT INTO moderation (act, kind, actor_id, user_id, article_id, why)
SELECT :act, 'article', :me, author_id, id, :why FROM articles
WHERE state IN ('hiding', 'showing') AND hidden_with_author = 0;

-- A list by tag has no state: an article that is hidden has no place in it. A showing one
-- gets its tags back, which it kept as lines.
-- write moved_tags_back()
INSERT IGNORE INTO article_tags (tag_id, article_id)
SELECT t.id, a.id FROM articles a JOIN JSON_TABLE(
	CONCAT('["', REPLACE(REPLACE(REPLACE(a.tags, '\\', '\\\\'), '"', '\\"'), '\n', '","'),
		'"]'), '$[*]' COLUMNS (
	name VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$')) j
JOIN tags t ON t.name = j.name
WHERE a.state = 'showing';

-- write moved_tags()
UPDATE tags t JOIN (SELECT x.tag_id, SUM(IF(a.state = 'showing', 1, -1)) AS n
	FROM articles a JOIN article_tags x ON x.article_id = a.id
	WHERE a.state IN ('hiding', 'showing') GROUP BY x.tag_id) g ON g.tag_id = t.id
SET t.articles = t.articles + g.n;

-- write moved_tags_away()
DELETE x FROM articles a JOIN article_tags x ON x.article_id = a.id
WHERE a.state = 'hiding';

-- write moved_fans()
UPDATE users w JOIN (SELECT v.user_id, SUM(IF(a.state = 'showing', 1, -1)) AS n
	FROM articles a JOIN favorites v ON v.article_id = a.id
	WHERE a.state IN ('hiding', 'showing') GROUP BY v.user_id) g ON g.user_id = w.id
SET w.favorites = w.favorites + g.n;

-- write moved_authors()
UPDATE users u JOIN (SELECT author_id, SUM(IF(state = 'showing', 1, -1)) AS n
	FROM articles WHERE state IN ('hiding', 'showing') GROUP BY author_id) g
ON g.author_id = u.id
SET u.articles = u.articles + g.n;

-- write moved_site()
UPDATE site s JOIN (SELECT COALESCE(SUM(IF(state = 'showing', 1, -1)), 0) AS n
	FROM articles WHERE state IN ('hiding', 'showing')) g
SET s.articles = s.articles + g.n WHERE s.id = 1;

-- write moved_reports()
UPDATE articles a JOIN reports r ON r.article_id = a.id SET r.open = 0
WHERE a.state = 'hiding';

-- write moved()
UPDATE articles SET state = IF(state = 'hiding', 'hidden', 'public')
WHERE state IN ('hiding', 'showing');

-- ---- comments ----

-- The comment and the article's count are one statement; ids are never 0.
-- write comment_hide(me int, epoch int, id int, why text)
UPDATE comments c JOIN articles a ON a.id = c.article_id
	JOIN users u ON u.id = c.author_id
	JOIN users m ON m.id = :me AND m.epoch = :epoch AND m.state = 'active'
SET c.state = 'hidden', c.hidden_why = :why, c.hidden_with_author = 0,
	a.comments = a.comments - 1
WHERE c.id = :id AND c.state = 'public' AND u.id <> m.id
	AND (m.role = 'keeper' AND u.role <> 'keeper'
		OR m.role = 'moderator' AND u.role = 'member');

-- write comment_restore(me int, epoch int, id int)
UPDATE comments c JOIN articles a ON a.id = c.article_id
	JOIN users u ON u.id = c.author_id
	JOIN users m ON m.id = :me AND m.epoch = :epoch AND m.state = 'active'
SET c.state = 'public', c.hidden_why = NULL, c.hidden_with_author = 0,
	a.comments = a.comments + 1
WHERE c.id = :id AND c.state = 'hidden' AND u.id <> m.id
	AND (m.role = 'keeper' AND u.role <> 'keeper'
		OR m.role = 'moderator' AND u.role = 'member');

-- Right after either, which found rows or did not.
-- write comment_log(me int, id int, act text, why text)
INSERT INTO moderation (act, kind, actor_id, user_id, article_id, why)
SELECT :act, 'comment', :me, c.author_id, c.article_id, :why FROM comments c
WHERE c.id = :id AND ROW_COUNT() > 0;

-- write comment_reports(id int)
UPDATE comments c JOIN reports r ON r.comment_id = c.id SET r.open = 0
WHERE c.id = :id AND c.state = 'hidden';

-- write comment_hide_all_count(name text)
UPDATE articles a JOIN (SELECT c.article_id, COUNT(*) AS n FROM users u
	JOIN comments c ON c.author_id = u.id AND c.state = 'public'
	WHERE u.name = :name AND u.state = 'suspended' AND u.suspended_hides
	GROUP BY c.article_id) g ON g.article_id = a.id
SET a.comments = a.comments - g.n;

-- write comment_hide_all(name text)
UPDATE users u JOIN comments c ON c.author_id = u.id AND c.state = 'public'
SET c.state = 'hidden', c.hidden_why = u.suspended_why, c.hidden_with_author = 1
WHERE u.name = :name AND u.state = 'suspended' AND u.suspended_hides;

-- write comment_restore_all_count(name text)
UPDATE articles a JOIN (SELECT c.article_id, COUNT(*) AS n FROM users u
	JOIN comments c ON c.author_id = u.id AND c.state = 'hidden' AND c.hidden_with_author
	WHERE u.name = :name AND u.state = 'active'
	GROUP BY c.article_id) g ON g.article_id = a.id
SET a.comments = a.comments + g.n;

-- write comment_restore_all(name text)
UPDATE users u JOIN comments c ON c.author_id = u.id AND c.state = 'hidden'
SET c.state = 'public', c.hidden_why = NULL, c.hidden_with_author = 0
WHERE u.name = :name AND u.state = 'active' AND c.hidden_with_author;

-- ---- people ----

-- Tokens and cookies are void from here on.
-- write user_suspend(me int, epoch int, name text, why text, hides bool)
UPDATE users u JOIN users m ON m.id = :me AND m.epoch = :epoch AND m.state = 'active'
SET u.state = 'suspended', u.suspended_why = :why, u.suspended_hides = :hides,
	u.epoch = u.epoch + 1
WHERE u.name = :name AND u.state = 'active' AND u.id <> m.id
	AND (m.role = 'keeper' AND u.role <> 'keeper'
		OR m.role = 'moderator' AND u.role = 'member');

-- write user_lift(me int, epoch int, name text)
UPDATE users u JOIN users m ON m.id = :me AND m.epoch = :epoch AND m.state = 'active'
SET u.state = 'active', u.suspended_why = NULL, u.suspended_hides = 0
WHERE u.name = :name AND u.state = 'suspended' AND u.id <> m.id
	AND (m.role = 'keeper' AND u.role <> 'keeper'
		OR m.role = 'moderator' AND u.role = 'member');

-- Keepers are made by the operator only.
-- write user_role(me int, epoch int, name text, role text)
UPDATE users u JOIN users m ON m.id = :me AND m.epoch = :epoch AND m.state = 'active'
SET u.role = :role
WHERE u.name = :name AND u.role <> 'keeper' AND :role IN ('member', 'moderator')
	AND u.role <> :role AND u.id <> m.id AND m.role = 'keeper';

-- Right after one of the three.
-- write user_log(me int, name text, act text, role text, why text)
INSERT INTO moderation (act, kind, actor_id, user_id, role, why)
SELECT :act, 'person', :me, u.id, :role, :why FROM users u
WHERE u.name = :name AND ROW_COUNT() > 0;

-- write operator_log(name text, role text)
INSERT INTO moderation (act, kind, user_id, role)
SELECT 'role', 'person', u.id, :role FROM users u WHERE u.name = :name AND ROW_COUNT() > 0;

-- write site_log(me int)
INSERT INTO moderation (act, kind, actor_id)
SELECT 'settings', 'site', m.id FROM users m
WHERE m.id = :me AND m.role = 'keeper' AND ROW_COUNT() > 0;

-- write user_suspended(name text)
DELETE s FROM users u JOIN sessions s ON s.user_id = u.id
WHERE u.name = :name AND u.state = 'suspended';

-- write user_reports(name text)
UPDATE users u JOIN reports r ON r.user_id = u.id SET r.open = 0
WHERE u.name = :name AND u.state = 'suspended';

-- ---- reports ----

-- Of an article, a comment or a person, the others null; once is enough, and no more than
-- twenty a day. What is under a hidden article is not there.
-- write report_add(me int, epoch int, slug text?, comment int, name text?, why text)
INSERT IGNORE INTO reports (reporter_id, article_id, comment_id, user_id, why)
SELECT m.id, a.id, c.id, u.id, :why FROM users m
LEFT JOIN articles a ON a.slug = :slug AND a.state = 'public'
LEFT JOIN comments c ON c.id = :comment AND c.state = 'public'
	AND EXISTS(SELECT 1 FROM articles WHERE id = c.article_id AND state = 'public')
LEFT JOIN users u ON u.name = :name AND u.state <> 'gone'
WHERE m.id = :me AND m.epoch = :epoch AND m.state = 'active'
	AND COALESCE(a.id, c.id, u.id) IS NOT NULL
	AND (SELECT COUNT(*) FROM reports r WHERE r.reporter_id = :me
		AND r.created_at > CURRENT_TIMESTAMP(3) - INTERVAL 1 DAY) < 20;

-- What could be reported, and how many one has made today.
-- read reportable(me int, slug text?, comment int, name text?)
--      -> (title text?, body text?, person text?, slug text?, today int)
SELECT a.title, LEFT(c.body, 300), u.name, COALESCE(a.slug, b.slug),
	(SELECT COUNT(*) FROM reports r WHERE r.reporter_id = :me
		AND r.created_at > CURRENT_TIMESTAMP(3) - INTERVAL 1 DAY)
FROM site s
LEFT JOIN articles a ON a.slug = :slug AND a.state = 'public'
LEFT JOIN comments c ON c.id = :comment AND c.state = 'public'
	AND EXISTS(SELECT 1 FROM articles WHERE id = c.article_id AND state = 'public')
LEFT JOIN articles b ON b.id = c.article_id
LEFT JOIN users u ON u.name = COALESCE(:name,
	(SELECT name FROM users WHERE id = COALESCE(a.author_id, c.author_id)))
WHERE s.id = 1 AND (:name IS NULL OR u.state <> 'gone');

-- The queue, oldest first: for moderators only.
-- read report_list(me int, limit int)
--      -> (id int, kind text, slug text?, title text?, comment int, body text?, person text,
--          reporter text, why text, created_at time)
SELECT r.id, IF(r.article_id IS NOT NULL, 'article',
		IF(r.comment_id IS NOT NULL, 'comment', 'person')),
	a.slug, a.title, COALESCE(c.id, 0), LEFT(c.body, 300), u.name, w.name, r.why,
	r.created_at
FROM users m JOIN reports r ON r.open
LEFT JOIN comments c ON c.id = r.comment_id
LEFT JOIN articles a ON a.id = COALESCE(r.article_id, c.article_id)
JOIN users u ON u.id = COALESCE(r.user_id, c.author_id, a.author_id)
JOIN users w ON w.id = r.reporter_id
WHERE m.id = :me AND m.role IN ('moderator', 'keeper')
ORDER BY r.id LIMIT :limit;

-- write report_close(me int, epoch int, id int)
UPDATE reports r JOIN users m ON m.id = :me AND m.epoch = :epoch AND m.state = 'active'
	AND m.role IN ('moderator', 'keeper')
SET r.open = 0 WHERE r.id = :id;

-- ---- the public log ----

-- read moderation_list(limit int, offset int)
--      -> (act text, kind text, actor text?, person text?, slug text?, role text, why text,
--          created_at time)
SELECT l.act, l.kind, m.name, u.name, IF(a.state = 'public', a.slug, NULL), l.role, l.why,
	l.created_at
FROM (SELECT id FROM moderation ORDER BY id DESC LIMIT :limit OFFSET :offset) p
JOIN moderation l ON l.id = p.id
LEFT JOIN users m ON m.id = l.actor_id LEFT JOIN users u ON u.id = l.user_id
LEFT JOIN articles a ON a.id = l.article_id
ORDER BY l.id DESC;

-- read scan moderation_count() -> (acts int)
SELECT COUNT(*) FROM moderation;

-- ---- leaving: reasons that name who leaves, by a pattern of name and address ----

-- write scan gone_reasons(me int, who text)
UPDATE moderation SET why = REGEXP_REPLACE(why, :who, '-')
WHERE why REGEXP :who AND NOT EXISTS (SELECT 1 FROM users WHERE id = :me);

-- write gone_about(me int, epoch int)
UPDATE moderation l JOIN users m ON m.id = :me AND m.epoch = :epoch
SET l.why = '' WHERE l.user_id = m.id;

-- write scan gone_reports(me int, who text)
UPDATE reports SET why = REGEXP_REPLACE(why, :who, '-')
WHERE why REGEXP :who AND NOT EXISTS (SELECT 1 FROM users WHERE id = :me);

-- write scan gone_hidden_articles(me int, who text)
UPDATE articles SET hidden_why = REGEXP_REPLACE(hidden_why, :who, '-')
WHERE state = 'hidden' AND hidden_why REGEXP :who
	AND NOT EXISTS (SELECT 1 FROM users WHERE id = :me);

-- write scan gone_hidden_comments(me int, who text)
UPDATE comments SET hidden_why = REGEXP_REPLACE(hidden_why, :who, '-')
WHERE state = 'hidden' AND hidden_why REGEXP :who
	AND NOT EXISTS (SELECT 1 FROM users WHERE id = :me);

-- write scan gone_suspended(me int, who text)
UPDATE users SET suspended_why = REGEXP_REPLACE(suspended_why, :who, '-')
WHERE state = 'suspended' AND suspended_why REGEXP :who
	AND NOT EXISTS (SELECT 1 FROM users WHERE id = :me);
