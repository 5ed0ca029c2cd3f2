-- read tag_popular(limit int) -> (name text, articles int)
SELECT name, articles FROM tags WHERE articles > 0 ORDER BY heat DESC, name LIMIT :limit;
