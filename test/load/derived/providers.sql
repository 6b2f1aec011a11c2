select
  id, name, slug, uuid, created_at, certifications, score, tier, contact_emails, sales_email, phone_number,
  ads_advertiser_id, website, number_of_employees, type_of_company,
  (
    select (20 * count(*))::integer
    from (
      values ('Create Account'), ('Update Company Profile'), ('Add Addresses'), ('Add Certifications'), ('Add Accounting Details')
    ) as step (name)
    where exists (select from unnest(setup) as done (name) where done.name = step.name)
  ) as percent_completeness
from providers
