"""Patients, caregivers, medication plans, doses and visits.

Actions (open session first, keyword-only, ``by=``, ``now=``; the caller owns the transaction):

- `people`: ``patient_of_contact``, ``patient_called``, ``add_caregiver``, ``remove_caregiver``,
  ``remind``, ``join_case``; reads ``patients_of``, ``habits_of``
- `ordering`: ``order_of(reading, habits=, now=) -> Order`` or `NotScheduled` (``why``)
- `plans`: ``set_plan``, ``change_plan``, ``cancel_plan``, ``pause_plans``, ``resume_plans``,
  ``end_on``, ``stop_everything(why="death" | "withdrawal")``; pure ``dose_changes``
- `doses`: ``check_in(outcome="taken" | "vomited" | "refused" | "skipped")``, ``undo``,
  ``snooze(minutes=10 | 30 | 60) -> datetime``
- `visits`: ``set_visit``, ``confirm_visit``, ``move_visit``, ``cancel_visit``, ``took_place``
- `stock`: ``set_stock``, ``forget_stock``
- `preferences`: ``set_preferences``, ``set_weekly_summary``

Reads are in `queries`: ``plans_of``, ``open_doses`` (what a "1" or "吃了" answers), ``today``,
``day``, ``doses_between``, ``month``, ``visits_between``, ``follow_ups_in_year``; for staff
``adherence``, ``silent``, ``county_figures``, ``patients_of_case``. Consent to notices:
`bot.delivery.consents`. Everything raises `bot.casework.errors.Conflict` with a sentence for the
person. How time works on all this: docs/reminders.md.
"""
