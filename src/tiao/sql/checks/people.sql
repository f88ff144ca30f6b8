-- Messages and passkeys. Each query must return no row; what it returns is what is wrong.

-- name: messages_lie_with_their_recipient
-- A message lies in the bucket of whom it is said to.
select bucket, id, recipient_id from message
 where bucket <> get_byte(uuid_send(id), 15) or bucket <> get_byte(uuid_send(recipient_id), 15);

-- name: passkeys_belong_to_somebody
-- A passkey is a registered customer's.
select k.bucket, k.id from passkey k
 where not exists (select from customer c where c.bucket = k.bucket and c.id = k.customer_id);
