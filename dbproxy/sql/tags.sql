-- Tags. Heat is use that fades: each use adds e^(time/30 days), so the order is that of
-- use decayed by time without ever touching the others.

-- read tag_popular(limit int) -> (name text, articles int)
SELECT name, articles FROM tags WHERE articles > 0 ORDER BY heat DESC, name LIMIT :limit;

-- Of an article that was just written; tags is a JSON list of names.
-- write tag_make(tags text)
INSERT IGNORE INTO tags (name)
SELECT name FROM JSON_TABLE(:tags, '$[*]' COLUMNS (
	name VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$')) j;

-- What is hidden stands in no tag's list.
-- write tag_link(slug text, tags text)
INSERT INTO article_tags (tag_id, article_id)
SELECT t.id, a.id FROM JSON_TABLE(:tags, '$[*]' COLUMNS (
	name VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$')) j
JOIN tags t ON t.name = j.name JOIN articles a ON a.slug = :slug AND a.state = 'public';

-- write tag_count(slug text)
UPDATE articles a JOIN article_tags x ON x.article_id = a.id JOIN tags t ON t.id = x.tag_id
SET t.articles = t.articles + 1,
	t.heat = t.heat + EXP(TIMESTAMPDIFF(SECOND, '2026-01-01', UTC_TIMESTAMP()) / 2592000)
WHERE a.slug = :slug;

-- Before the tags of an article are put anew.
-- write tag_uncount(id int)
UPDATE article_tags x JOIN tags t ON t.id = x.tag_id SET t.articles = t.articles - 1
WHERE x.article_id = :id;

-- write tag_unlink(id int)
DELETE FROM article_tags WHERE article_id = :id;
