-- What a new site begins with: see appd/demo/demo.h. The lists are JSON.

-- read site_begun() -> (begun bool)
SELECT begun FROM site WHERE id = 1;

-- write site_begin()
UPDATE site SET begun = 1 WHERE id = 1;

-- They cannot sign in.
-- write demo_people(people text)
INSERT INTO users (name, email, password, bio)
SELECT name, email, '!', bio FROM JSON_TABLE(:people, '$[*]' COLUMNS (
	name VARCHAR(64) PATH '$.name', email VARCHAR(254) PATH '$.email',
	bio VARCHAR(2000) PATH '$.bio')) j;

-- write demo_articles(articles text, html_by int)
INSERT INTO articles (author_id, slug, title, description, body, html, html_by, tags,
	published)
SELECT u.id, j.slug, j.title, j.about, j.body, j.html, :html_by, j.tags,
	CURRENT_TIMESTAMP(3)
FROM JSON_TABLE(:articles, '$[*]' COLUMNS (n FOR ORDINALITY,
	author VARCHAR(64) PATH '$.author', slug VARCHAR(120) PATH '$.slug',
	title VARCHAR(200) PATH '$.title', about VARCHAR(500) PATH '$.about',
	body MEDIUMTEXT PATH '$.body', html MEDIUMTEXT PATH '$.html',
	tags VARCHAR(1000) PATH '$.tags')) j
JOIN users u ON u.name = j.author COLLATE utf8mb4_uca1400_as_ci ORDER BY j.n;

-- write demo_links()
INSERT INTO article_tags (tag_id, article_id)
SELECT t.id, a.id FROM articles a JOIN tags t
ON FIND_IN_SET(t.name, REPLACE(a.tags, '\n', ',') COLLATE utf8mb4_bin);

-- write demo_count_tags()
UPDATE tags SET articles = (SELECT COUNT(*) FROM article_tags WHERE tag_id = tags.id),
	heat = articles * EXP(TIMESTAMPDIFF(SECOND, '2026-01-01', UTC_TIMESTAMP()) / 2592000);

-- write demo_count_people()
UPDATE users SET articles = (SELECT COUNT(*) FROM articles WHERE author_id = users.id);

-- write demo_count_site()
UPDATE site SET articles = (SELECT COUNT(*) FROM articles) WHERE id = 1;
