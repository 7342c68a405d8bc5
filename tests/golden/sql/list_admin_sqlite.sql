SELECT d_customer.id AS c0, d_customer.version AS c1, d_customer.name AS c2, d_customer.name__key AS c3, d_user_1.name AS c4, d_user_1.name__key AS c5, d_customer.since, d_customer.name__key, d_customer.id
  FROM d_customer
  LEFT OUTER JOIN d_user AS d_user_1 ON d_user_1.id = d_customer.owner
  WHERE d_customer.employees > ? AND d_customer._tokens LIKE ? ESCAPE '\'
  ORDER BY d_customer.since DESC, d_customer.name__key ASC, d_customer.id ASC
  LIMIT 51 OFFSET ?

SELECT count(*) AS count_1
  FROM (SELECT anon_2.id AS id
  FROM (SELECT d_customer.id AS id
  FROM d_customer
  WHERE d_customer.employees > ? AND d_customer._tokens LIKE ? ESCAPE '\'
  LIMIT ? OFFSET ?) AS anon_2) AS anon_1
