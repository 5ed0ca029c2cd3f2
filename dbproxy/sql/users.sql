-- People: who asks, signing up and in, settings, profiles, following.

-- Who asks, if the token is still good.
-- read me(me int, epoch int)
--      -> (id int, epoch int, name text, email text, bio text?, image text?, role text)
SELECT id, epoch, name, email, bio, image, role FROM users
WHERE id = :me AND epoch = :epoch AND state = 'active';

-- read user_by_email(email text) -> me
SELECT id, epoch, name, email, bio, image, role FROM users WHERE email = :email;

-- read user_password(email text)
--      -> (id int, password text, suspended bool, why text?)
SELECT id, password, state = 'suspended', suspended_why FROM users
WHERE email = :email AND state IN ('active', 'suspended');

-- Right after invitation_take. Who may not come has no name, which is refused with the
-- whole message.
-- write user_add(name text, email text, password text)
INSERT INTO users (name, email, password)
SELECT IF(s.registration = 'open' OR s.registration = 'invitation' AND ROW_COUNT() > 0,
	:name, NULL), :email, :password
FROM site s WHERE s.id = 1;

-- Null leaves a field as it is; of bio and image, with `set`, null makes it null. With
-- another password every token and cookie handed out before is void. A token that became
-- void meanwhile has no name, which is refused with the whole message.
-- write user_change(me int, epoch int, name text?, email text?, password text?,
--      set_bio bool, bio text?, set_image bool, image text?)
UPDATE users SET name = IF(epoch = :epoch AND state = 'active', COALESCE(:name, name), NULL),
	confirmed = confirmed AND email = COALESCE(:email, email), email = COALESCE(:email, email),
	password = COALESCE(:password, password), epoch = epoch + (:password IS NOT NULL),
	bio = IF(:set_bio, :bio, bio), image = IF(:set_image, :image, image)
WHERE id = :me;

-- A better hash of the same password.
-- write user_rehash(id int, old text, password text)
UPDATE users SET password = :password WHERE id = :id AND password = :old;

-- read profile(me int, name text)
--      -> (id int, name text, bio text?, image text?, following bool, suspended bool)
SELECT id, name, IF(suspended_hides, NULL, bio), IF(suspended_hides, NULL, image),
	EXISTS(SELECT 1 FROM follows WHERE follower_id = :me AND followed_id = users.id),
	state = 'suspended'
FROM users WHERE name = :name AND state <> 'gone';

-- write follow_add(me int, epoch int, name text)
INSERT IGNORE INTO follows (follower_id, followed_id)
SELECT m.id, u.id FROM users m JOIN users u ON u.name = :name AND u.id <> m.id
WHERE m.id = :me AND m.epoch = :epoch AND m.state = 'active';

-- write follow_delete(me int, epoch int, name text)
DELETE f FROM follows f JOIN users m ON m.id = f.follower_id
	JOIN users u ON u.id = f.followed_id
WHERE m.id = :me AND m.epoch = :epoch AND m.state = 'active' AND u.name = :name;

-- ---- failed sign-ins, within a window of 15 minutes ----

-- What is the same for all that the database takes for one address: as it is stored, or
-- of nobody's, how it compares.
-- read attempt_address(email text) -> (address bytes)
SELECT WEIGHT_STRING(COALESCE((SELECT email FROM users WHERE email = :email), RTRIM(:email)));

-- read attempts(account bytes, network bytes) -> (account bool, failures int, wait_s int)
SELECT who = :account, failures,
	CAST(900 - TIMESTAMPDIFF(SECOND, started_at, CURRENT_TIMESTAMP(3)) AS SIGNED)
FROM attempts WHERE who IN (:account, :network)
	AND started_at > CURRENT_TIMESTAMP(3) - INTERVAL 15 MINUTE;

-- write attempt_add(who bytes)
INSERT INTO attempts (who, failures) VALUES (:who, 1)
ON DUPLICATE KEY UPDATE
	failures = IF(started_at > CURRENT_TIMESTAMP(3) - INTERVAL 15 MINUTE, failures + 1, 1),
	started_at = IF(started_at > CURRENT_TIMESTAMP(3) - INTERVAL 15 MINUTE, started_at,
		CURRENT_TIMESTAMP(3));

-- write attempt_clear(who bytes)
DELETE FROM attempts WHERE who = :who;

-- write attempt_trim()
DELETE FROM attempts WHERE started_at < CURRENT_TIMESTAMP(3) - INTERVAL 1 HOUR LIMIT 20;
