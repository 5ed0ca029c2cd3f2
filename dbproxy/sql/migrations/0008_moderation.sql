-- Moderation: why something is hidden or somebody suspended, what readers report, and the
-- public log. While a statement moves what is counted, articles are 'hiding' or 'showing';
-- nobody else ever sees that.

ALTER TABLE articles
	MODIFY state ENUM('draft', 'public', 'hidden', 'hiding', 'showing') NOT NULL
		DEFAULT 'public',
	ADD COLUMN hidden_why VARCHAR(500) NULL,
	ADD COLUMN hidden_with_author BOOL NOT NULL DEFAULT 0; -- and comes back with them

ALTER TABLE comments
	ADD COLUMN hidden_why VARCHAR(500) NULL,
	ADD COLUMN hidden_with_author BOOL NOT NULL DEFAULT 0;

ALTER TABLE users
	ADD COLUMN suspended_why VARCHAR(500) NULL,
	ADD COLUMN suspended_hides BOOL NOT NULL DEFAULT 0; -- all that they wrote is hidden

-- Of one of the three; they go with what they are about and with who made them.
CREATE TABLE reports (
	id          INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	reporter_id INT UNSIGNED NOT NULL,
	article_id  INT UNSIGNED NULL,
	comment_id  INT UNSIGNED NULL,
	user_id     INT UNSIGNED NULL,
	why         VARCHAR(500) NOT NULL,
	open        BOOL NOT NULL DEFAULT 1,
	created_at  DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	UNIQUE KEY (reporter_id, article_id),
	UNIQUE KEY (reporter_id, comment_id),
	UNIQUE KEY (reporter_id, user_id),
	KEY queue (open, id),
	KEY (article_id),
	KEY (comment_id),
	KEY (user_id),
	FOREIGN KEY (reporter_id) REFERENCES users(id) ON DELETE CASCADE,
	FOREIGN KEY (article_id) REFERENCES articles(id) ON DELETE CASCADE,
	FOREIGN KEY (comment_id) REFERENCES comments(id) ON DELETE CASCADE,
	FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_as_ci;

-- No names: who is gone is nobody. No actor: the operator, or somebody who is gone.
CREATE TABLE moderation (
	id         INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	act        ENUM('hide', 'restore', 'suspend', 'lift', 'role', 'settings') NOT NULL,
	kind       ENUM('article', 'comment', 'person', 'site') NOT NULL,
	actor_id   INT UNSIGNED NULL,
	user_id    INT UNSIGNED NULL, -- whose it was, or who it was
	article_id INT UNSIGNED NULL, -- it, or where the comment stands
	role       VARCHAR(16) NOT NULL DEFAULT '',
	why        VARCHAR(500) NOT NULL DEFAULT '',
	created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	KEY (actor_id),
	KEY (user_id),
	KEY (article_id),
	FOREIGN KEY (actor_id) REFERENCES users(id) ON DELETE SET NULL,
	FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE SET NULL,
	FOREIGN KEY (article_id) REFERENCES articles(id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_as_ci;
