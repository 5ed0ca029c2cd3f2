-- How many public articles there are, kept so that no page counts them; and the failed
-- sign-ins of late, by a keyed hash of the mail or of the client's network.

ALTER TABLE site ADD COLUMN articles INT UNSIGNED NOT NULL DEFAULT 0;

UPDATE site SET articles = (SELECT COUNT(*) FROM articles WHERE state = 'public');

CREATE TABLE attempts (
	who        BINARY(16) NOT NULL PRIMARY KEY,
	failures   INT UNSIGNED NOT NULL DEFAULT 0,
	started_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	KEY (started_at)
) ENGINE=InnoDB;
