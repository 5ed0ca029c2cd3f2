-- What the keepers of the site decide, in the row that every page reads; the articles that
-- they pin; and their role under its name.

ALTER TABLE site
	ADD COLUMN registration ENUM('open', 'invitation', 'closed') NOT NULL DEFAULT 'open',
	ADD COLUMN inviters ENUM('keeper', 'moderator', 'member') NOT NULL DEFAULT 'keeper',
	ADD COLUMN articles_a_day INT UNSIGNED NOT NULL DEFAULT 0, -- 0: any number
	ADD COLUMN comment_length INT UNSIGNED NOT NULL DEFAULT 10000,
	ADD COLUMN language VARCHAR(8) CHARACTER SET ascii NOT NULL DEFAULT 'en';

CREATE TABLE pins (
	place      ENUM('home', 'foot') NOT NULL, -- above the articles; below every page
	article_id INT UNSIGNED NOT NULL,
	n          SMALLINT UNSIGNED NOT NULL,
	PRIMARY KEY (place, article_id),
	KEY (article_id),
	FOREIGN KEY (article_id) REFERENCES articles(id) ON DELETE CASCADE
) ENGINE=InnoDB;

-- How many somebody wrote today.
ALTER TABLE articles ADD KEY by_day (author_id, created_at);

ALTER TABLE users MODIFY role ENUM('member', 'moderator', 'admin', 'keeper') NOT NULL
	DEFAULT 'member';

UPDATE users SET role = 'keeper' WHERE role = 'admin';

ALTER TABLE users MODIFY role ENUM('member', 'moderator', 'keeper') NOT NULL
	DEFAULT 'member';
