-- Lists of articles, newest first. A list leaves the body out.

-- read article_recent(limit int, offset int)
--      -> (id int, slug text, title text, description text, tags text, created_at time,
--          author text, author_image text?)
SELECT a.id, a.slug, a.title, a.description, a.tags, a.created_at, u.name, u.image
FROM articles a JOIN users u ON u.id = a.author_id
WHERE a.state = 'public'
ORDER BY a.id DESC LIMIT :limit OFFSET :offset;
