-- Invitations to sign up. The link has the token; here is only its hash.

CREATE TABLE invitations (
	hash       BINARY(32) NOT NULL PRIMARY KEY,
	inviter_id INT UNSIGNED NOT NULL,
	user_id    INT UNSIGNED NULL, -- who came by it
	created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	expires_at DATETIME(3) NOT NULL,
	used_at    DATETIME(3) NULL,
	KEY (inviter_id, created_at),
	KEY (user_id),
	FOREIGN KEY (inviter_id) REFERENCES users(id) ON DELETE CASCADE,
	FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE SET NULL
) ENGINE=InnoDB;
