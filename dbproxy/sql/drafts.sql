-- Drafts: seen by their author only. Publishing one is article_add and draft_delete in one
-- message.

-- read draft_list(me int, limit int)
--      -> (id int, title text, description text, body text?, tags text, updated_at time)
SELECT id, title, description, CAST(NULL AS CHAR), tags, updated_at FROM drafts
WHERE author_id = :me ORDER BY updated_at DESC, id DESC LIMIT :limit;

-- read draft_one(me int, id int) -> draft_list
SELECT id, title, description, body, tags, updated_at FROM drafts
WHERE id = :id AND author_id = :me;

-- No more than `most` of one author.
-- write draft_add(me int, epoch int, title text, description text, body text, tags text,
--      most int)
INSERT INTO drafts (author_id, title, description, body, tags)
SELECT u.id, :title, :description, :body, :tags FROM users u
WHERE u.id = :me AND u.epoch = :epoch AND u.state = 'active'
	AND (SELECT COUNT(*) FROM drafts d WHERE d.author_id = :me) < :most;

-- write draft_change(id int, me int, epoch int, title text, description text, body text,
--      tags text)
UPDATE drafts d JOIN users u ON u.id = d.author_id
SET d.title = :title, d.description = :description, d.body = :body, d.tags = :tags,
	d.updated_at = CURRENT_TIMESTAMP(3)
WHERE d.id = :id AND u.id = :me AND u.epoch = :epoch AND u.state = 'active';

-- write draft_delete(id int, me int, epoch int)
DELETE d FROM drafts d JOIN users u ON u.id = d.author_id
WHERE d.id = :id AND u.id = :me AND u.epoch = :epoch AND u.state = 'active';

-- read each export_drafts(me int, after int, limit int)
--      -> (id int, title text, description text, body text, tags text, created_at time,
--          updated_at time)
SELECT id, title, description, body, tags, created_at, updated_at FROM drafts
WHERE author_id = :me AND id > :after ORDER BY id LIMIT :limit;
