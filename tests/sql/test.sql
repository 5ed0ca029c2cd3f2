-- Statements that only the tests' dbproxy has (build/*/tests/dbproxy), over tables that
-- tests/lib/database.py makes.

-- read test_get(id int) -> (c text)
SELECT c FROM test_rows WHERE id = :id;

-- read test_sleep(seconds float) -> (slept int)
SELECT SLEEP(:seconds);

-- read test_types(i int?, f float?, b bool?, t text?, y bytes?, at time?)
--      -> (i int?, f float?, b bool?, t text?, y bytes?, at time?)
SELECT CAST(:i AS SIGNED), CAST(:f AS DOUBLE), CAST(:b AS SIGNED), :t, CAST(:y AS BINARY),
	CAST(:at AS DATETIME(6));

-- read test_big(bytes int) -> (v bytes)
SELECT REPEAT('x', :bytes);

-- read test_many(rows int) -> (seq int, v text)
SELECT seq, CONCAT('row ', seq) FROM seq_1_to_1000000 LIMIT :rows;

-- write test_put(run int, seq int)
INSERT INTO test_puts (run, seq) VALUES (:run, :seq);

-- read test_puts(run int) -> (rows int, distinct_rows int)
SELECT COUNT(*), COUNT(DISTINCT seq) FROM test_puts WHERE run = :run;

-- write test_add(name text, n int?)
INSERT INTO test_items (name, n) VALUES (:name, :n);

-- write test_rename(id int, name text)
UPDATE test_items SET name = :name WHERE id = :id;

-- write test_parent(id int)
INSERT INTO test_children (item_id) VALUES (:id);

-- write test_unparent(id int)
DELETE FROM test_items WHERE id = :id;

-- write test_small(n int)
INSERT INTO test_items (name, small) VALUES (CONCAT('small ', :n), :n);

-- write test_enum(word text)
INSERT INTO test_items (name, kind) VALUES (CONCAT('kind ', :word), :word);

-- write test_null()
INSERT INTO test_items (name) VALUES (NULL);

-- write test_slow_write(name text, seconds float)
INSERT INTO test_items (name, n) SELECT :name, SLEEP(:seconds);

-- write test_bump(id int)
UPDATE test_counters SET n = n + 1 WHERE id = :id;

-- read test_counter(id int) -> (n int)
SELECT n FROM test_counters WHERE id = :id;

-- read test_connection() -> (id int, sleeping int)
SELECT CONNECTION_ID(), (SELECT COUNT(*) FROM information_schema.processlist
	WHERE info LIKE '%SLEEP(%' AND id <> CONNECTION_ID());

-- write test_signal(number int)
INSERT INTO test_signals (number) VALUES (:number);

-- write test_fill(n int)
INSERT INTO test_full SELECT REPEAT('x', 1000) FROM seq_1_to_100000 LIMIT :n;

-- write test_at(id int, at time)
INSERT INTO test_times (id, at) VALUES (:id, :at);

-- read test_overflow(n int) -> (n int)
SELECT CAST(:n AS SIGNED) + 9223372036854775807;

-- read test_server() -> (id int)
SELECT @@server_id;

-- read each test_each(size int, after int, limit int) -> (id int, v text)
SELECT seq, RPAD(seq, :size, 'x') FROM seq_1_to_120000 WHERE seq > :after
ORDER BY seq LIMIT :limit;

-- read each test_each_row(after int, limit int) -> (id int, c text)
SELECT id, c FROM test_rows WHERE id > :after ORDER BY id LIMIT :limit;

-- read each test_each_slow(seconds float, after int, limit int) -> (id int, slept int)
SELECT id, SLEEP(:seconds) FROM test_rows WHERE id > :after ORDER BY id LIMIT :limit;

-- read each test_each_types(after int, limit int)
--      -> (id int, i int?, f float?, b bool?, t text?, y bytes?, at time?)
SELECT id, IF(id % 7 = 0, NULL, -id), IF(id % 7 = 1, NULL, CAST(id / 4 AS DOUBLE)),
	IF(id % 7 = 2, NULL, id % 2), IF(id % 7 = 3, NULL, c),
	IF(id % 7 = 4, NULL, CAST(REPEAT('y', id) AS BINARY)),
	IF(id % 7 = 5, NULL, CAST('2000-01-01' AS DATETIME(6)) + INTERVAL id SECOND)
FROM test_rows WHERE id > :after ORDER BY id LIMIT :limit;

-- read test_columns(id int)
--      -> (small int?, u text?, n text?, f float?, d float?, bits bytes?, y int?, day text?,
--          span text?, at text?, j text?, e text?, s text?, u_float float?, n_float float?)
SELECT small, u, n, f, d, bits, y, day, span, at, j, e, s, u, n
FROM test_columns WHERE id = :id;

-- read test_column_u(id int) -> (u int?)
SELECT u FROM test_columns WHERE id = :id;

-- read test_column_n(id int) -> (n int?)
SELECT CAST(n AS DECIMAL(65)) FROM test_columns WHERE id = :id;

-- read test_column_day(id int) -> (day time?)
SELECT day FROM test_columns WHERE id = :id;

-- read test_column_at(id int) -> (at time?)
SELECT at FROM test_columns WHERE id = :id;

-- write test_column_put(id int, b bytes?, t text?)
INSERT INTO test_columns (id, b, t) VALUES (:id, :b, :t);

-- read test_column_got(id int) -> (b bytes?, t text?)
SELECT b, t FROM test_columns WHERE id = :id;
