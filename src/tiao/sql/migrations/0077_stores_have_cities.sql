-- A code that is printed or shown names the city of its store.
alter table merchant_store add column city text not null default '';
