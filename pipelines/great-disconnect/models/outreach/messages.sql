-- One message a person and incident, with the decision whether it may go and all reasons for it. A
-- run sends nothing: `tsugi deliver` does, after a person has approved.
-- @personal body
-- @column incident: The incident: topic and leading suspect.
-- @column customer_id: The recipient; blank where the buyer is not known.
-- @column order_id: The order the message is about.
-- @column certainty: certain: a pair of a suspect lot; possible: perhaps, from a mixed bin.
-- @column purpose: safety_recall, service_notice or advertisement.
-- @column template_id: The template.
-- @column template_version: The version of the template.
-- @column channel: The channel it goes by.
-- @column address: The address it goes to.
-- @column language: The language of the text.
-- @column sender: The name of the sender.
-- @column sender_address: The postal address of the sender.
-- @column contact: Whom the recipient may turn to.
-- @column refusal_link: Where the recipient may refuse further messages.
-- @column owner: The partner (store or adviser) who looks after the customer.
-- @column subject: The subject.
-- @column body: The text.
-- @column earliest_at: The first moment at which it may go.
-- @column decision: send, review (a person decides), hold or suppress.
-- @column reasons: Why, the weightiest reason first.
-- @column reason_codes: The codes of these reasons.
-- @column fields_used: Data about the recipient in the text, each with its legal basis.
-- @column content_hash: Hash of everything the recipient would see.
-- @column recipients: People of the incident who get the same text.
-- @column fatigue: How tired of advertisements the recipient is.
-- @column images: Images, the logo first.
-- @column headers: Further headers of a mail.
-- @column written_by: The author of the template.
-- @column important: Whether the customer is important.
-- @column remedy_value: The value of the remedy that is offered.
SELECT *
FROM
  compose(
    targets => (SELECT * FROM outreach.targets),
    templates => (SELECT * FROM seeds.templates),
    persons => (SELECT * FROM outreach.contacts),
    consents => (SELECT * FROM crm.consents),
    history => (SELECT * FROM staging.sends),
    offers => (SELECT * FROM crm.offers),
    forbidden => (SELECT name AS word FROM erp.suppliers UNION SELECT name FROM erp.materials),
    rules => (SELECT * FROM seeds.outreach_rules),
    as_of => $as_of,
    country_languages => 'JP=ja, DE=de, CH=de'
  )
