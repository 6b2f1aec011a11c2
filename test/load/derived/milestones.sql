select
  milestones.*,
  (total_price * tax_rate * 0.01)::numeric(24, 8) as tax
from milestones
