-- Keys that clients chose, each standing for one body. They lie among the keys of writes
-- and are trimmed with them.

-- write once_claim(key bytes, print bytes)
INSERT IGNORE INTO once (k, answer) VALUES (:key, :print);

-- read once_claimed(key bytes) -> (print bytes?)
SELECT answer FROM once WHERE k = :key;
