-- What is not published yet lies apart from what is, so that no list, count or feed has to
-- leave it out. A revision is what an article said before an edit. Twenty tags of fifty
-- letters have room.

CREATE TABLE drafts (
	id          INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	author_id   INT UNSIGNED NOT NULL,
	title       VARCHAR(200) NOT NULL,
	description VARCHAR(500) NOT NULL,
	body        MEDIUMTEXT NOT NULL,
	tags        VARCHAR(1100) NOT NULL DEFAULT '', -- sorted, one a line
	created_at  DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	updated_at  DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	KEY (author_id, updated_at),
	FOREIGN KEY (author_id) REFERENCES users(id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

ALTER TABLE articles MODIFY tags VARCHAR(1100) NOT NULL DEFAULT '';

ALTER TABLE revisions MODIFY n INT UNSIGNED NOT NULL,
	ADD COLUMN description VARCHAR(500) NOT NULL DEFAULT '' AFTER title,
	DROP COLUMN by_id;
