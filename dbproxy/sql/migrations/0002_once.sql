-- The keys of writes already done, each in the same transaction as its write, and what
-- was answered: the same key again gets the same answer. Trimmed by age.

CREATE TABLE once (
	k          BINARY(16) NOT NULL PRIMARY KEY,
	affected   BIGINT NOT NULL DEFAULT 0,
	insert_id  BIGINT NOT NULL DEFAULT 0,
	answer     LONGBLOB NULL, -- of several statements: all results
	created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
	KEY (created_at)
) ENGINE=InnoDB;
