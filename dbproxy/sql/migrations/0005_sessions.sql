-- The token of forms is made from the cookie and need not be kept.

ALTER TABLE sessions DROP COLUMN csrf;
