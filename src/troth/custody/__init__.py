"""The only door between a decision, the vault, the store and the ledger.

A desk is one open transaction. Jobs are served at it in batches: decided, carried out, remembered.
`hand_out` gives values to whoever a Permit lets read them, `take_in` seals what is collected,
`stand` changes what is true of a person, `amend` corrects. No plaintext leaves without a Permit;
nothing is answered before its ledger line is committed.

What stands around these acts has rooms of its own: `demands` (what people demand), `endings` (how data
ends), `packages` (what they take along), `copies` (of a house, and the return from one), `systems`
(what others have to do) and `files` (pictures and files judged before they are sealed).
"""
