"""The only door between a decision, the vault, the store and the ledger.

A desk is one open transaction. Jobs are served at it in batches: decided, carried out, remembered.
`hand_out` gives values to whoever a Permit lets read them, `take_in` seals what is collected,
`stand` changes what is true of a person, `amend` corrects, `erasing` destroys keys and then the rest,
`sweeping` does what time demands. No plaintext leaves without a Permit; nothing is answered before
its ledger line is committed.
"""
