-- A merchant's bill finds its orders by what the books name: their purchases.
create index merchant_order_purchase on merchant_order (purchase_id) where purchase_id is not null;
