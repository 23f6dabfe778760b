-- An id that stands twice would count what belongs to it twice.
SELECT kind, id, count(*) AS rows
FROM (SELECT 'person' AS kind, customer_id AS id FROM staging.persons
      UNION ALL SELECT 'product', product_id FROM staging.products
      UNION ALL SELECT 'supplier', supplier_id FROM staging.suppliers
      UNION ALL SELECT 'material', material_id FROM staging.materials
      UNION ALL SELECT 'lot', finished_lot FROM staging.lots
      UNION ALL SELECT 'component lot', component_lot FROM staging.receipts
      UNION ALL SELECT 'order', order_id FROM staging.orders
      UNION ALL SELECT 'order line', order_id || ' / ' || order_line FROM staging.order_lines
      UNION ALL SELECT 'return', return_id FROM staging.returns
      UNION ALL SELECT 'claim', claim_id FROM staging.claims
      UNION ALL SELECT 'remedy', remedy_id FROM staging.remedies
      UNION ALL SELECT 'case', case_id FROM staging.cases)
GROUP BY kind, id
HAVING count(*) > 1 OR id IS NULL
