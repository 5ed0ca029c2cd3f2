-- The site's tables. Times are UTC with milliseconds. Names and mails compare without
-- case; slugs, tags and tokens byte by byte.

CREATE TABLE site (
	id          TINYINT UNSIGNED NOT NULL PRIMARY KEY CHECK (id = 1),
	name        VARCHAR(100) NOT NULL,
	description VARCHAR(500) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

INSERT INTO site (id, name, description)
VALUES (1, 'Onebox', 'A whole web stack on one machine.');

CREATE TABLE users (
	id         INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	name       VARCHAR(64) NOT NULL COLLATE utf8mb4_uca1400_as_ci,
	email      VARCHAR(254) NOT NULL COLLATE utf8mb4_uca1400_as_ci,
	password   VARCHAR(255) NOT NULL COLLATE utf8mb4_bin, -- argon2id; '!': no login
	bio        VARCHAR(2000) NULL,
	image      VARCHAR(1000) NULL,
	role       ENUM('member', 'moderator', 'admin') NOT NULL DEFAULT 'member',
	state      ENUM('new', 'active', 'suspended', 'gone') NOT NULL DEFAULT 'active',
	epoch      INT UNSIGNED NOT NULL DEFAULT 0, -- one more: every session is void
	articles   INT UNSIGNED NOT NULL DEFAULT 0,
	favorites  INT UNSIGNED NOT NULL DEFAULT 0,
	created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	seen_at    DATETIME(3) NULL,
	UNIQUE KEY (name),
	UNIQUE KEY (email)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_as_ci;

-- The cookie is 32 random bytes; only its hash is kept.
CREATE TABLE sessions (
	hash       BINARY(32) NOT NULL PRIMARY KEY,
	user_id    INT UNSIGNED NOT NULL,
	csrf       BINARY(16) NOT NULL,
	agent      VARCHAR(200) NOT NULL DEFAULT '',
	created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	expires_at DATETIME(3) NOT NULL,
	KEY (user_id),
	KEY (expires_at),
	FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- One-time links: a new password, a new mail address.
CREATE TABLE tickets (
	hash       BINARY(32) NOT NULL PRIMARY KEY,
	user_id    INT UNSIGNED NOT NULL,
	what       ENUM('reset', 'email') NOT NULL,
	value      VARCHAR(254) NULL,
	expires_at DATETIME(3) NOT NULL,
	KEY (user_id),
	FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE articles (
	id          INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	author_id   INT UNSIGNED NOT NULL,
	slug        VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	title       VARCHAR(200) NOT NULL,
	description VARCHAR(500) NOT NULL,
	body        MEDIUMTEXT NOT NULL, -- Markdown, as written
	html        MEDIUMTEXT NOT NULL, -- rendered once, when written
	html_by     SMALLINT UNSIGNED NOT NULL DEFAULT 1, -- version of the renderer
	tags        VARCHAR(1000) NOT NULL DEFAULT '', -- sorted, one a line
	favorites   INT UNSIGNED NOT NULL DEFAULT 0,
	comments    INT UNSIGNED NOT NULL DEFAULT 0,
	state       ENUM('draft', 'public', 'hidden') NOT NULL DEFAULT 'public',
	published   DATETIME(3) NULL,
	created_at  DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	updated_at  DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	UNIQUE KEY (slug),
	KEY recent (state, id),
	KEY by_author (author_id, state, id),
	FULLTEXT KEY words (title, description, body),
	FOREIGN KEY (author_id) REFERENCES users(id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

-- Links never break: the article that had this slug before.
CREATE TABLE old_slugs (
	slug       VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
	article_id INT UNSIGNED NOT NULL,
	KEY (article_id),
	FOREIGN KEY (article_id) REFERENCES articles(id) ON DELETE CASCADE
) ENGINE=InnoDB;

CREATE TABLE revisions (
	article_id INT UNSIGNED NOT NULL,
	n          SMALLINT UNSIGNED NOT NULL,
	title      VARCHAR(200) NOT NULL,
	body       MEDIUMTEXT NOT NULL,
	by_id      INT UNSIGNED NULL,
	created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	PRIMARY KEY (article_id, n),
	FOREIGN KEY (article_id) REFERENCES articles(id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE tags (
	id       INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	name     VARCHAR(50) NOT NULL COLLATE utf8mb4_bin,
	articles INT UNSIGNED NOT NULL DEFAULT 0,
	heat     DOUBLE NOT NULL DEFAULT 0, -- use, decayed by time: what "popular" sorts by
	UNIQUE KEY (name),
	KEY (heat, name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE article_tags (
	tag_id     INT UNSIGNED NOT NULL,
	article_id INT UNSIGNED NOT NULL,
	PRIMARY KEY (tag_id, article_id),
	KEY (article_id),
	FOREIGN KEY (tag_id) REFERENCES tags(id),
	FOREIGN KEY (article_id) REFERENCES articles(id) ON DELETE CASCADE
) ENGINE=InnoDB;

CREATE TABLE favorites (
	user_id    INT UNSIGNED NOT NULL,
	article_id INT UNSIGNED NOT NULL,
	created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	PRIMARY KEY (user_id, article_id),
	KEY (article_id),
	FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
	FOREIGN KEY (article_id) REFERENCES articles(id) ON DELETE CASCADE
) ENGINE=InnoDB;

CREATE TABLE follows (
	follower_id INT UNSIGNED NOT NULL,
	followed_id INT UNSIGNED NOT NULL,
	created_at  DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	PRIMARY KEY (follower_id, followed_id),
	KEY (followed_id),
	FOREIGN KEY (follower_id) REFERENCES users(id) ON DELETE CASCADE,
	FOREIGN KEY (followed_id) REFERENCES users(id) ON DELETE CASCADE
) ENGINE=InnoDB;

CREATE TABLE comments (
	id         INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	article_id INT UNSIGNED NOT NULL,
	author_id  INT UNSIGNED NULL,
	body       TEXT NOT NULL,
	html       TEXT NOT NULL,
	state      ENUM('public', 'hidden') NOT NULL DEFAULT 'public',
	created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	updated_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	KEY (article_id, id),
	KEY (author_id, id),
	FOREIGN KEY (article_id) REFERENCES articles(id) ON DELETE CASCADE,
	FOREIGN KEY (author_id) REFERENCES users(id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
