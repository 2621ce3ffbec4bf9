"""From an application to the closure of a case: everything social workers and families do.

What the doors use (console, family pages, conversation, ticks). Every action takes the open
session first and is keyword-only; ``by=`` and ``now=`` always; ``version=`` is `Case.version` of
the page that was open. `errors.Refused` says in Chinese which condition is missing, and
`errors.Conflict` (one of it) that somebody else acted in between; both are shown as they are.

**The table of steps**: `stages.STEPS` (name → sources, target, label of the button, who), names
`stages.STAGE_NAMES`, `ONWARD`, `ENDINGS`. Conditions: `conditions.CONDITIONS`.

    steps.next_steps(session, case=, staff=, now=) → [Possible(step, missing, not_theirs, ready)]

**Steps of a case** (each ``case_id=, version=, staff=, by=, now=`` and what is named here; each
returns the case):

    cases.claim_case  cases.return_for_correction(what=)  cases.accept_for_assessment
    assessments.assess_needs(reasons=, service_forms=)
    assessments.register(number=, registered_on=)
    assessments.recheck(situation=)
    assessments.refuse(reason=)
    referrals.refer(institution_id=)
    referrals.accept_referral  referrals.decline_referral(reason=)
    referrals.assess_together(participants={profession: name}, opinion=)
    signing.prepare_documents(terms={content, standard, fee, form}) → [Document]
    service.start_service
    service.assess_again(items={FIVE_ITEMS}, ready_to_leave=)
    service.go_to_hospital(signs=, hospital=)  service.come_back
    leaving.prepare_leaving(onward_to=, details=)  leaving.stay_on
    leaving.close(closed_on=)  leaving.end(outcome=, reason=, closed_on=)
    leaving.relocate(to_county=, agreed=)
    leaving.reopen(reason=)
    consents.note_no_guardian(reason=)
    assignment.assign(to=Staff)  assignment.release(staff_id=) → int  assignment.loads(county_code=)

**Without a page's version**: `cases.add_note`, `consents.take_down(case_id=, role=, agrees=, way=,
staff=)`, `signing.record_paper_signature(document_id=, signer=, staff=)`,
`service.record_service(case_id=, source_key=, provided_on=, minutes=, form=, content=, staff=)`,
`applications.answer_lead(ticket_id=, version=, outcome=, findings=, staff=)`.

**The family's own** (``contact_id=`` is who acts; refused to who is not bound in the role):

    consents.give(case_id=, role="patient"|"guardian", contact_id=)
    signing.sign(document_id=, signer=, contact_id=)
    service.confirm_service(record_id=, contact_id=)
    service.dispute_service(record_id=, contact_id=, what=)
    cases.withdraw(case_id=, contact_id=)   cases.resubmit(case_id=, text=)
    assessments.object_to_refusal(case_id=, text=) → ticket id

**People**: `people.bind`, `unbind(binding_id=)`, `verify(binding_id=, verified=)`,
`make_code(case_id=, role=) → code`, `bind_by_code(code=, contact_id=)`, reads `roles_of`,
`bindings_of`; `listing.cases_of_contact` are the cases that a contact is bound to.

**Institutions**: `institutions.save_institution(institution_id=, entry=Entry)`, `directory`,
`propose_institutions(case=, now=)`, `institutions_near(region=, now=) → [Card]`, `entry_of`;
`institution_sheet.preview(session, data) → Preview`, `import_sheet(data=)`, `export_sheet`.

**Time**: `working_time.calendar_for`, `set_day`, `set_hours`; `training.record_training`,
`hours_in_year(year=)`; `tickets.read_ticket` when a ticket is opened; `due` holds what
the ticks do.

**Reads**: `queries.queue`, `counts`, `search`, `case_file`, `ticket_file`; `steps.open_referral`,
`steps.open_period`, `signing.documents_of`, `people.bindings_of`.
"""
