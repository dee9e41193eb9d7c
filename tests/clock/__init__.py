"""The clock over days: every deadline once and dated right, alarms that live by the numbered rules, histories equal."""
