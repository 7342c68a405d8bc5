WITH RECURSIVE below(id) AS (SELECT d_unit.id AS id
  FROM d_unit
  WHERE d_unit.id IN (?)
  UNION SELECT d_unit.id AS id
  FROM d_unit, below
  WHERE d_unit.parent = below.id) SELECT below.id
  FROM below

SELECT d_customer.id AS c0, d_customer.version AS c1, d_customer.name AS c2, d_customer.name__key AS c3, d_user_1.name AS c4, d_user_1.name__key AS c5, d_customer.since, d_customer.name__key, d_customer.id
  FROM d_customer
  LEFT OUTER JOIN d_user AS d_user_1 ON d_user_1.id = d_customer.owner
  JOIN (SELECT best.k_id AS k_id
  FROM (SELECT anon_1.k_id AS k_id, anon_1.k0 AS k0, anon_1.k1 AS k1, anon_1.k2 AS k2
  FROM (SELECT d_customer.id AS k_id, d_customer.since AS k0, d_customer.name__key AS k1, d_customer.id AS k2
  FROM d_customer
  WHERE d_customer.level = ? AND d_customer.employees > ? AND d_customer._tokens LIKE ? ESCAPE '\'
  ORDER BY d_customer.since DESC, d_customer.name__key ASC, d_customer.id ASC
  LIMIT 51 OFFSET ?) AS anon_1
  UNION SELECT anon_2.k_id AS k_id, anon_2.k0 AS k0, anon_2.k1 AS k1, anon_2.k2 AS k2
  FROM (SELECT d_customer.id AS k_id, d_customer.since AS k0, d_customer.name__key AS k1, d_customer.id AS k2
  FROM d_customer
  WHERE d_customer.unit = ? AND d_customer.employees > ? AND d_customer._tokens LIKE ? ESCAPE '\'
  ORDER BY d_customer.since DESC, d_customer.name__key ASC, d_customer.id ASC
  LIMIT 51 OFFSET ?) AS anon_2
  UNION SELECT anon_3.k_id AS k_id, anon_3.k0 AS k0, anon_3.k1 AS k1, anon_3.k2 AS k2
  FROM (SELECT d_customer.id AS k_id, d_customer.since AS k0, d_customer.name__key AS k1, d_customer.id AS k2
  FROM d_customer
  WHERE d_customer.unit = ? AND d_customer.employees > ? AND d_customer._tokens LIKE ? ESCAPE '\'
  ORDER BY d_customer.since DESC, d_customer.name__key ASC, d_customer.id ASC
  LIMIT 51 OFFSET ?) AS anon_3
  UNION SELECT anon_4.k_id AS k_id, anon_4.k0 AS k0, anon_4.k1 AS k1, anon_4.k2 AS k2
  FROM (SELECT d_customer.id AS k_id, d_customer.since AS k0, d_customer.name__key AS k1, d_customer.id AS k2
  FROM d_customer
  WHERE d_customer.unit = ? AND d_customer.employees > ? AND d_customer._tokens LIKE ? ESCAPE '\'
  ORDER BY d_customer.since DESC, d_customer.name__key ASC, d_customer.id ASC
  LIMIT 51 OFFSET ?) AS anon_4) AS best
  ORDER BY best.k0 DESC, best.k1 ASC, best.k2 ASC
  LIMIT 51 OFFSET ?) AS chosen ON chosen.k_id = d_customer.id
  ORDER BY d_customer.since DESC, d_customer.name__key ASC, d_customer.id ASC

SELECT count(*) AS count_1
  FROM (SELECT anon_2.id AS id
  FROM (SELECT d_customer.id AS id
  FROM d_customer
  WHERE d_customer.level = ? AND d_customer.employees > ? AND d_customer._tokens LIKE ? ESCAPE '\'
  LIMIT ? OFFSET ?) AS anon_2
  UNION SELECT anon_3.id AS id
  FROM (SELECT d_customer.id AS id
  FROM d_customer
  WHERE d_customer.unit = ? AND d_customer.employees > ? AND d_customer._tokens LIKE ? ESCAPE '\'
  LIMIT ? OFFSET ?) AS anon_3
  UNION SELECT anon_4.id AS id
  FROM (SELECT d_customer.id AS id
  FROM d_customer
  WHERE d_customer.unit = ? AND d_customer.employees > ? AND d_customer._tokens LIKE ? ESCAPE '\'
  LIMIT ? OFFSET ?) AS anon_4
  UNION SELECT anon_5.id AS id
  FROM (SELECT d_customer.id AS id
  FROM d_customer
  WHERE d_customer.unit = ? AND d_customer.employees > ? AND d_customer._tokens LIKE ? ESCAPE '\'
  LIMIT ? OFFSET ?) AS anon_5) AS anon_1
