"""Early signs: what is unusual now against a city's own history. Quiet lines, never alarms.

- `count_model`: how many complaints are usual in a category, a district and an hour of the week, with its uncertainty
- `unusual`: counts that the model calls too many, how many such calls are false by chance, when one ends
- `recurrence`: places where the same matter was finished and came back
- `matter`: reports of one place in much the same words that grow in number
"""
