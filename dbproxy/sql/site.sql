-- What every page shows of the site itself, and what its keepers decide. foot: the articles
-- linked below every page, as lines of slug, tab, title.

-- read site()
--      -> (name text, description text, language text, registration text, inviters text,
--          foot text?)
SELECT name, description, language, registration, inviters,
	(SELECT GROUP_CONCAT(CONCAT(a.slug, '\t', a.title) ORDER BY p.n SEPARATOR '\n')
	FROM pins p JOIN articles a ON a.id = p.article_id
	WHERE p.place = 'foot' AND a.state = 'public')
FROM site WHERE id = 1;

-- home and foot: the slugs of what is pinned, as lines.
-- read site_settings()
--      -> (name text, description text, language text, registration text, inviters text,
--          articles_a_day int, comment_length int, home text?, foot text?)
SELECT name, description, language, registration, inviters, articles_a_day, comment_length,
	(SELECT GROUP_CONCAT(a.slug ORDER BY p.n SEPARATOR '\n')
	FROM pins p JOIN articles a ON a.id = p.article_id WHERE p.place = 'home'),
	(SELECT GROUP_CONCAT(a.slug ORDER BY p.n SEPARATOR '\n')
	FROM pins p JOIN articles a ON a.id = p.article_id WHERE p.place = 'foot')
FROM site WHERE id = 1;

-- What hinders this member: asked beside a write that does nothing where it is too much.
-- read site_limits(me int) -> (articles_a_day int, comment_length int, today int)
SELECT s.articles_a_day, s.comment_length,
	(SELECT COUNT(*) FROM articles WHERE author_id = :me
	AND created_at > CURRENT_TIMESTAMP(3) - INTERVAL 1 DAY)
FROM site s WHERE s.id = 1;

-- The keepers' form. Each of these statements asks for itself whether it is a keeper's.
-- write site_keep(me int, epoch int, name text, description text, language text,
--      registration text, inviters text, articles_a_day int, comment_length int)
UPDATE site s JOIN users m ON m.id = :me AND m.epoch = :epoch AND m.state = 'active'
	AND m.role = 'keeper'
SET s.name = :name, s.description = :description, s.language = :language,
	s.registration = :registration, s.inviters = :inviters,
	s.articles_a_day = :articles_a_day, s.comment_length = :comment_length
WHERE s.id = 1;

-- write pins_clear(me int, epoch int)
DELETE p FROM pins p JOIN users m ON m.id = :me AND m.epoch = :epoch
	AND m.state = 'active' AND m.role = 'keeper';

-- slugs is a JSON list.
-- write pins_set(me int, epoch int, place text, slugs text)
INSERT IGNORE INTO pins (place, article_id, n)
SELECT :place, a.id, j.n FROM users m
JOIN JSON_TABLE(:slugs, '$[*]' COLUMNS (n FOR ORDINALITY,
	slug VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin PATH '$')) j
JOIN articles a ON a.slug = j.slug
WHERE m.id = :me AND m.epoch = :epoch AND m.state = 'active' AND m.role = 'keeper';

-- read slugs_known(slugs text) -> (slug text)
SELECT a.slug FROM JSON_TABLE(:slugs, '$[*]' COLUMNS (
	slug VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin PATH '$')) j
JOIN articles a ON a.slug = j.slug;

-- ---- roles ----

-- The operator's word, at the machine itself: `onebox site role`.
-- write role_by_operator(name text, role text)
UPDATE users SET role = :role WHERE name = :name AND state <> 'gone';

-- read role_of(name text) -> (name text, role text)
SELECT name, role FROM users WHERE name = :name AND state <> 'gone';
