select
  id, shipping_address_id, billing_address_id, active, company, email, last_request_at, last_sign_in_at, created_at,
  sso_attributes, user_agreement_signed_at, expired_at, uuid,
  case
    when first_name is null then last_name
    when last_name is null then first_name
    else first_name || ' ' || last_name
  end::text as full_name,
  sso_attributes ->> 'email' as user_sso_email
from users
