-- Mail that waits to be sent. The link's token is made of the seed and the key of the site,
-- which is not in the database: what is read here opens nothing.

CREATE TABLE outbox (
	id        INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	user_id   INT UNSIGNED NOT NULL,
	what      ENUM('reset', 'email') NOT NULL,
	recipient VARCHAR(254) NOT NULL,
	seed      BINARY(16) NOT NULL,
	language  VARCHAR(8) CHARACTER SET ascii NOT NULL,
	tries     INT UNSIGNED NOT NULL DEFAULT 0,
	claim     BIGINT NOT NULL DEFAULT 0, -- who is sending it, until next_at
	dead      BOOL NOT NULL DEFAULT 0,
	next_at   DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	KEY due (dead, next_at),
	KEY (user_id),
	FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

ALTER TABLE users ADD COLUMN confirmed BOOL NOT NULL DEFAULT 0; -- the mail address is theirs

-- It is compared with users.email.
ALTER TABLE tickets MODIFY value VARCHAR(254) COLLATE utf8mb4_uca1400_as_ci NULL;
