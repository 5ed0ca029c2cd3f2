-- Mail: links for a new password and to confirm an address, and the outbox they leave by.
-- A ticket is known by a hash of its link's token.

-- write ticket_add(email text, what text, hash bytes, life_s int)
INSERT INTO tickets (hash, user_id, what, value, expires_at)
SELECT :hash, id, :what, email, CURRENT_TIMESTAMP(3) + INTERVAL :life_s SECOND
FROM users WHERE email = :email AND state = 'active' AND (:what = 'reset' OR NOT confirmed);

-- Right after it.
-- write outbox_add(email text, what text, seed bytes, language text)
INSERT INTO outbox (user_id, what, recipient, seed, language)
SELECT id, :what, email, :seed, :language
FROM users WHERE email = :email AND state = 'active' AND (:what = 'reset' OR NOT confirmed);

-- write ticket_trim()
DELETE FROM tickets WHERE expires_at < CURRENT_TIMESTAMP(3) LIMIT 20;

-- read ticket_find(hash bytes, what text) -> (email text)
SELECT u.email FROM tickets t JOIN users u ON u.id = t.user_id AND u.state = 'active'
WHERE t.hash = :hash AND t.what = :what AND t.expires_at > CURRENT_TIMESTAMP(3);

-- Whoever opened the link reads mail there; every token and cookie is void.
-- write ticket_reset(hash bytes, password text)
UPDATE tickets t JOIN users u ON u.id = t.user_id AND u.state = 'active'
SET u.password = :password, u.epoch = u.epoch + 1,
	u.confirmed = u.confirmed OR u.email = t.value
WHERE t.hash = :hash AND t.what = 'reset' AND t.expires_at > CURRENT_TIMESTAMP(3);

-- write ticket_sessions(hash bytes)
DELETE s FROM tickets t JOIN sessions s ON s.user_id = t.user_id
WHERE t.hash = :hash AND t.what = 'reset' AND t.expires_at > CURRENT_TIMESTAMP(3);

-- write ticket_confirm(hash bytes)
UPDATE tickets t JOIN users u ON u.id = t.user_id AND u.email = t.value
SET u.confirmed = 1
WHERE t.hash = :hash AND t.what = 'email' AND t.expires_at > CURRENT_TIMESTAMP(3);

-- With all others of its kind that this person has.
-- write ticket_used(hash bytes, what text)
DELETE x FROM tickets t JOIN tickets x ON x.user_id = t.user_id AND x.what = t.what
WHERE t.hash = :hash AND t.what = :what;

-- Another password or address: links that were sent before are void.
-- write tickets_void(me int)
DELETE FROM tickets WHERE user_id = :me;

-- read mail_state(me int) -> (confirmed bool)
SELECT confirmed FROM users WHERE id = :me;

-- ---- the outbox ----

-- read outbox_due() -> (due bool)
SELECT EXISTS(SELECT 1 FROM outbox WHERE dead = 0 AND next_at <= CURRENT_TIMESTAMP(3));

-- One that is due, for whoever has this number, until the lease is over.
-- write outbox_claim(claim int, lease_s int)
UPDATE outbox SET claim = :claim, tries = tries + 1,
	next_at = CURRENT_TIMESTAMP(3) + INTERVAL :lease_s SECOND
WHERE dead = 0 AND next_at <= CURRENT_TIMESTAMP(3) ORDER BY next_at LIMIT 1;

-- read scan outbox_claimed(claim int)
--      -> (id int, what text, recipient text, seed bytes, language text, tries int)
SELECT id, what, recipient, seed, language, tries FROM outbox WHERE claim = :claim;

-- write outbox_sent(id int, claim int)
DELETE FROM outbox WHERE id = :id AND claim = :claim;

-- write outbox_failed(id int, claim int, wait_s int, dead bool)
UPDATE outbox SET next_at = CURRENT_TIMESTAMP(3) + INTERVAL :wait_s SECOND, dead = :dead,
	claim = 0
WHERE id = :id AND claim = :claim;

-- write outbox_trim()
DELETE FROM outbox WHERE dead AND next_at < CURRENT_TIMESTAMP(3) LIMIT 20;
