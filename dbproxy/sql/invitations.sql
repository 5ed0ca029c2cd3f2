-- Invitations: who may make them the site's settings say; each is good once, for a week.

-- write invitation_add(me int, epoch int, hash bytes)
INSERT INTO invitations (hash, inviter_id, expires_at)
SELECT :hash, m.id, CURRENT_TIMESTAMP(3) + INTERVAL 7 DAY
FROM users m JOIN site s ON s.id = 1
WHERE m.id = :me AND m.epoch = :epoch AND m.state = 'active'
	AND (m.role = 'keeper' OR s.inviters = 'member'
		OR m.role = 'moderator' AND s.inviters = 'moderator')
	AND (SELECT COUNT(*) FROM invitations i WHERE i.inviter_id = :me
		AND i.used_at IS NULL AND i.expires_at > CURRENT_TIMESTAMP(3)) < 20;

-- The hash's beginning names one; it opens nothing.
-- read invitation_list(me int)
--      -> (name text, created_at time, expires_at time, used bool, person text?, over bool)
SELECT LOWER(HEX(SUBSTRING(i.hash, 1, 8))), i.created_at, i.expires_at,
	i.used_at IS NOT NULL, u.name, i.expires_at < CURRENT_TIMESTAMP(3)
FROM invitations i LEFT JOIN users u ON u.id = i.user_id
WHERE i.inviter_id = :me ORDER BY i.created_at DESC LIMIT 50;

-- read export_invitations(me int)
--      -> (name text, created_at time, expires_at time, used bool, person text?)
SELECT LOWER(HEX(SUBSTRING(i.hash, 1, 8))), i.created_at, i.expires_at,
	i.used_at IS NOT NULL, u.name
FROM invitations i LEFT JOIN users u ON u.id = i.user_id
WHERE i.inviter_id = :me ORDER BY i.created_at LIMIT 1000;

-- write invitation_revoke(me int, epoch int, name text)
DELETE i FROM invitations i JOIN users m ON m.id = i.inviter_id AND m.epoch = :epoch
WHERE m.id = :me AND SUBSTRING(i.hash, 1, 8) = UNHEX(:name) AND i.used_at IS NULL;

-- Right before user_add, which is done only if one was taken, or everybody may come. Until
-- invitation_taken, in the same message, it is marked by the one time that no used one has.
-- write invitation_take(hash bytes)
UPDATE invitations i JOIN users m ON m.id = i.inviter_id AND m.state = 'active'
SET i.used_at = i.expires_at
WHERE i.hash = :hash AND i.used_at IS NULL AND i.expires_at > CURRENT_TIMESTAMP(3);

-- write invitation_taken(hash bytes)
UPDATE invitations SET user_id = LAST_INSERT_ID(), used_at = CURRENT_TIMESTAMP(3)
WHERE hash = :hash AND used_at = expires_at;

-- write invitation_trim()
DELETE FROM invitations WHERE expires_at < CURRENT_TIMESTAMP(3) - INTERVAL 30 DAY LIMIT 20;
