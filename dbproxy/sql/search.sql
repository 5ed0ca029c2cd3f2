-- Search: words as MariaDB's boolean full-text mode reads them, which appd builds; author
-- and tag may be null.

-- Of the body some lines around `first`, a word that was asked for.
-- read search(me int, words text, first text, author text?, tag text?, limit int, offset int)
--      -> article_recent
SELECT a.id, a.slug, a.title, a.description, a.tags, a.created_at, a.updated_at,
	a.favorites, a.comments, u.id, u.name, u.bio, u.image,
	f.follower_id IS NOT NULL, v.user_id IS NOT NULL,
	CONCAT(IF(LOCATE(:first, a.body) > 81, '… ', ''),
		SUBSTRING(a.body, GREATEST(CAST(LOCATE(:first, a.body) AS SIGNED) - 80, 1), 280),
		IF(CHAR_LENGTH(a.body) > LOCATE(:first, a.body) + 280, ' …', '')),
	CAST(NULL AS CHAR)
FROM (SELECT b.id, MATCH(b.title, b.description, b.body)
		AGAINST (:words IN BOOLEAN MODE) AS score
	FROM articles b JOIN users w ON w.id = b.author_id
	WHERE MATCH(b.title, b.description, b.body) AGAINST (:words IN BOOLEAN MODE)
		AND b.state = 'public' AND (:author IS NULL OR w.name = :author)
		AND (:tag IS NULL OR EXISTS(SELECT 1 FROM tags t JOIN article_tags x
			ON x.tag_id = t.id WHERE t.name = :tag AND x.article_id = b.id))
	ORDER BY score DESC, b.id DESC LIMIT :limit OFFSET :offset) p
JOIN articles a ON a.id = p.id JOIN users u ON u.id = a.author_id
LEFT JOIN follows f ON :me > 0 AND f.follower_id = :me AND f.followed_id = u.id
LEFT JOIN favorites v ON :me > 0 AND v.user_id = :me AND v.article_id = a.id
ORDER BY p.score DESC, a.id DESC;

-- read search_count(words text, author text?, tag text?) -> article_count_all
SELECT COUNT(*) FROM articles b JOIN users w ON w.id = b.author_id
WHERE MATCH(b.title, b.description, b.body) AGAINST (:words IN BOOLEAN MODE)
	AND b.state = 'public' AND (:author IS NULL OR w.name = :author)
	AND (:tag IS NULL OR EXISTS(SELECT 1 FROM tags t JOIN article_tags x
		ON x.tag_id = t.id WHERE t.name = :tag AND x.article_id = b.id));
