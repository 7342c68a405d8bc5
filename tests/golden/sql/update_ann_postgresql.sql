SELECT d_customer.id AS c0, d_customer.version AS c1, d_customer.owner AS c2, d_customer.unit AS c3, d_customer.created_at AS c4, d_customer.created_by AS c5, d_customer.updated_at AS c6, d_customer.updated_by AS c7, d_customer.code AS c8, d_customer.code__key AS c9, d_customer.name AS c10, d_customer.name__key AS c11, d_customer.level AS c12, d_customer.parent_customer AS c13, d_customer.parent_customer__path AS c14, d_customer.credit AS c15, d_customer.credit__currency AS c16, d_customer.credit__base AS c17, d_customer.credit__rate_date AS c18, d_customer.employees AS c19, d_customer.since AS c20, d_customer.reason AS c21, d_customer.active AS c22, d_customer.tags AS c23
  FROM d_customer
  WHERE d_customer.id = %(record_id)s::UUID AND d_customer.owner = %(me_id)s::UUID
  FOR UPDATE OF d_customer

INSERT INTO d_customer__history (change, valid_from, valid_to, op, id, version, owner, unit, created_at, created_by, updated_at, updated_by, code, code__key, name, name__key, level, parent_customer, parent_customer__path, credit, credit__currency, credit__base, credit__rate_date, employees, since, reason, active, tags, _change, _tokens) SELECT %(change)s::UUID AS anon_1, d_customer.updated_at, %(valid_to)s::TIMESTAMP WITH TIME ZONE AS anon_2, %(op)s::VARCHAR AS anon_3, d_customer.id, d_customer.version, d_customer.owner, d_customer.unit, d_customer.created_at, d_customer.created_by, d_customer.updated_at AS updated_at__1, d_customer.updated_by, d_customer.code, d_customer.code__key, d_customer.name, d_customer.name__key, d_customer.level, d_customer.parent_customer, d_customer.parent_customer__path, d_customer.credit, d_customer.credit__currency, d_customer.credit__base, d_customer.credit__rate_date, d_customer.employees, d_customer.since, d_customer.reason, d_customer.active, d_customer.tags, d_customer._change, d_customer._tokens
  FROM d_customer
  WHERE d_customer.id = %(ids)s::UUID

UPDATE d_customer SET version=%(v_version)s::BIGINT, updated_at=%(v_updated_at)s::TIMESTAMP WITH TIME ZONE, updated_by=%(v_updated_by)s::UUID, employees=%(v_employees)s::BIGINT, _change=%(v__change)s::UUID
  WHERE d_customer.id = %(record_id)s::UUID

SELECT d_customer.id AS c0
  FROM d_customer
  WHERE d_customer.id = %(record_id)s::UUID AND d_customer.owner = %(me_id)s::UUID

SELECT d_customer.id AS c0, d_customer.version AS c1, d_customer.owner AS c2, d_customer.unit AS c3, d_customer.created_at AS c4, d_customer.created_by AS c5, d_customer.updated_at AS c6, d_customer.updated_by AS c7, d_customer.code AS c8, d_customer.code__key AS c9, d_customer.name AS c10, d_customer.name__key AS c11, d_customer.level AS c12, d_customer.parent_customer AS c13, d_customer.parent_customer__path AS c14, %(param_1)s::DATE - d_customer.since AS c15, CAST(jsonb_path_query_first(to_jsonb(round(CAST(jsonb_path_query_first(to_jsonb(round(CAST(d_customer.employees AS NUMERIC(120, 60)) / CAST(nullif(%(param_2)s, 0) AS NUMERIC), 6)), CAST('$ ? (@ > -1e12 && @ < 1e12)' AS JSONPATH)) AS NUMERIC), 2)), CAST('$ ? (@ > -1e16 && @ < 1e16)' AS JSONPATH)) AS NUMERIC) AS c16, d_customer.employees AS c17, d_customer.since AS c18, d_customer.reason AS c19, d_customer.active AS c20, d_customer.tags AS c21
  FROM d_customer
  WHERE d_customer.id = %(record_id)s::UUID AND d_customer.owner = %(me_id)s::UUID
