SELECT d_sale.id AS c0, d_sale.version AS c1, d_sale.owner AS c2, d_sale.unit AS c3, d_sale.created_at AS c4, d_sale.created_by AS c5, d_sale.updated_at AS c6, d_sale.updated_by AS c7, d_sale.number AS c8, d_sale.number__key AS c9, d_sale.customer AS c10, d_sale.second_customer AS c11, (SELECT dougong_fit_or_blank(dougong_sum(d_sale_line_1.amount)) AS dougong_fit_or_blank_1
  FROM d_sale_line AS d_sale_line_1
  WHERE d_sale_line_1.parent = d_sale.id) AS c12, d_sale.place AS c13, d_sale.number__key, d_sale.id
  FROM d_sale
  LEFT OUTER JOIN d_customer AS d_customer_1 ON d_customer_1.id = d_sale.customer
  LEFT OUTER JOIN d_user AS d_user_1 ON d_user_1.id = d_customer_1.owner
  WHERE d_user_1.unit = ?
  ORDER BY d_sale.number__key ASC, d_sale.id ASC
  LIMIT 51 OFFSET ?

SELECT d_sale_1.number AS c0, count(*) AS c1
  FROM d_sale_line
  LEFT OUTER JOIN d_sale AS d_sale_1 ON d_sale_1.id = d_sale_line.parent AND (SELECT (SELECT d_user_1.unit
  FROM d_user AS d_user_1
  WHERE d_user_1.id = d_customer_1.owner) AS anon_1
  FROM d_customer AS d_customer_1
  WHERE d_customer_1.id = d_sale_1.customer) = ?
  LEFT OUTER JOIN d_customer AS d_customer_2 ON d_customer_2.id = d_sale_1.customer
  LEFT OUTER JOIN d_user AS d_user_2 ON d_user_2.id = d_customer_2.owner
  WHERE d_user_2.unit = ?
  GROUP BY d_sale_1.number
  ORDER BY c0 ASC NULLS FIRST
  LIMIT ? OFFSET ?
