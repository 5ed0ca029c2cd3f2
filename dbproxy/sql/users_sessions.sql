-- Browsers that are signed in. The table has only a hash of what the cookie holds.

-- Who asks by cookie, if the session is still there.
-- read session_me(hash bytes, me int, epoch int) -> me
SELECT u.id, u.epoch, u.name, u.email, u.bio, u.image, u.role
FROM sessions s JOIN users u ON u.id = s.user_id
WHERE s.hash = :hash AND s.expires_at > CURRENT_TIMESTAMP(3)
	AND u.id = :me AND u.epoch = :epoch AND u.state = 'active';

-- write session_add(hash bytes, user int, agent text, life_s int)
INSERT INTO sessions (hash, user_id, agent, expires_at)
VALUES (:hash, :user, :agent, CURRENT_TIMESTAMP(3) + INTERVAL :life_s SECOND);

-- write session_prolong(hash bytes, life_s int)
UPDATE sessions SET expires_at = CURRENT_TIMESTAMP(3) + INTERVAL :life_s SECOND
WHERE hash = :hash AND expires_at > CURRENT_TIMESTAMP(3);

-- write session_delete(hash bytes)
DELETE FROM sessions WHERE hash = :hash;

-- write session_trim()
DELETE FROM sessions WHERE expires_at < CURRENT_TIMESTAMP(3) LIMIT 20;

-- For the settings: where one is signed in. The hash's beginning names one; it opens
-- nothing.
-- read session_list(me int)
--      -> (name text, hash bytes, agent text, created_at time, expires_at time)
SELECT LOWER(HEX(SUBSTRING(hash, 1, 8))), hash, agent, created_at, expires_at
FROM sessions WHERE user_id = :me AND expires_at > CURRENT_TIMESTAMP(3)
ORDER BY created_at DESC LIMIT 100;

-- write session_revoke(me int, name text)
DELETE FROM sessions WHERE user_id = :me
	AND SUBSTRING(hash, 1, 8) = UNHEX(:name);

-- With the next epoch every other cookie is void: their sessions go.
-- write session_revoke_others(me int, hash bytes)
DELETE FROM sessions WHERE user_id = :me AND hash <> :hash;
