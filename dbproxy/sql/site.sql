-- What every page shows of the site itself.

-- read site() -> (name text, description text)
SELECT name, description FROM site WHERE id = 1;

-- write site_set(name text, description text)
UPDATE site SET name = :name, description = :description WHERE id = 1;
