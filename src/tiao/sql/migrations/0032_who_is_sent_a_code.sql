-- To whom a phone's newest code was sent; nobody, when no customer has the phone.
alter table payer_code add column customer_id uuid;
