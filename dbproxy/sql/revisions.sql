-- What articles said before they were edited. The version in force is the article itself,
-- and its number one more than the last that is kept here.

-- First of all: of two edits at once one waits, and counts on from the other.
-- write revision_lock(id int)
UPDATE articles SET updated_at = updated_at WHERE id = :id;

-- Before article_change, with the same texts: only what changes them leaves a revision.
-- write revision_keep(id int, me int, epoch int, title text, description text, body text)
INSERT INTO revisions (article_id, n, title, description, body, created_at)
SELECT a.id, COALESCE((SELECT MAX(r.n) FROM revisions r WHERE r.article_id = :id), 0) + 1,
	a.title, a.description, a.body, a.updated_at
FROM articles a JOIN users u ON u.id = a.author_id
WHERE a.id = :id AND u.id = :me AND u.epoch = :epoch AND u.state = 'active'
	AND NOT (BINARY a.title = BINARY :title AND BINARY a.description = BINARY :description
		AND BINARY a.body = BINARY :body);

-- The oldest go: more than `keep`, or than so many bytes together.
-- write revision_trim(id int, keep int, size int)
DELETE FROM revisions WHERE article_id = :id AND n IN (
	SELECT n FROM (SELECT n, ROW_NUMBER() OVER (ORDER BY n DESC) AS place,
		SUM(LENGTH(body)) OVER (ORDER BY n DESC) AS bytes
		FROM revisions WHERE article_id = :id) r
	WHERE r.place > :keep OR r.bytes > :size);

-- read revision_list(id int) -> (n int, title text, created_at time)
SELECT n, title, created_at FROM revisions WHERE article_id = :id ORDER BY n DESC;

-- read revision_one(id int, n int)
--      -> (n int, title text, description text, body text, created_at time)
SELECT n, title, description, body, created_at FROM revisions
WHERE article_id = :id AND n = :n;
