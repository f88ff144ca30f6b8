-- To whom a phone's newest code was sent; nobody, when no customer has the phone.
alter table payer_code add column customer_id uuid;
-- Why a try was declined stands with its purchase.
alter table payer_order drop column decline_reasons;
