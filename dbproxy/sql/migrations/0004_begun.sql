-- Whether the site's life has begun: what a new one begins with is put in once.

ALTER TABLE site ADD COLUMN begun BOOL NOT NULL DEFAULT 0;

UPDATE site SET begun = (SELECT COUNT(*) > 0 FROM users);
