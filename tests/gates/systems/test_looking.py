"""Names and values tell what a column holds; how often they are wrong is counted on two schemas."""

import pytest

from troth.gates.systems.looking import looks_like, looks_personal

# (table, column, kind, what it is): a shop in English, with what usual tools name columns
SHOP = [
    ("customers", "id", "whole", ""), ("customers", "email", "text", "email"),
    ("customers", "first_name", "text", "name"), ("customers", "lastName", "text", "name"),
    ("customers", "phone_number", "text", "phone"), ("customers", "dob", "day", "date"),
    ("customers", "created_at", "moment", ""), ("customers", "updated_at", "moment", ""),
    ("customers", "is_active", "truth", ""), ("customers", "email_verified", "truth", ""),
    ("customers", "loyalty_points", "whole", ""), ("customers", "password_hash", "text", "secret"),
    ("customers", "last_login_ip", "text", "ip"), ("customers", "locale", "text", ""),
    ("addresses", "street", "text", "address"), ("addresses", "city", "text", "address"),
    ("addresses", "zip_code", "text", "address"), ("addresses", "country_code", "text", ""),
    ("orders", "number", "text", ""), ("orders", "status", "text", ""), ("orders", "total", "number", ""),
    ("orders", "currency", "text", ""), ("orders", "shipping_name", "text", "name"),
    ("orders", "ip_address", "text", "ip"), ("orders", "user_agent", "text", "useragent"),
    ("orders", "coupon_code", "text", ""), ("orders", "shipped_at", "moment", ""),
    ("products", "name", "text", ""), ("products", "description", "text", ""),
    ("products", "price", "number", ""), ("products", "sku", "text", ""),
    ("products", "brand_name", "text", ""), ("products", "image_url", "text", ""),
    ("categories", "name", "text", ""), ("categories", "slug", "text", ""),
    ("payments", "iban", "text", "iban"), ("payments", "card_holder", "text", "name"),
    ("payments", "method", "text", ""), ("payments", "amount", "number", ""),
    ("sessions", "device_id", "text", "uid"), ("sessions", "expires", "moment", ""),
    ("jobs", "queue_name", "text", ""), ("jobs", "attempts", "whole", ""), ("jobs", "payload", "text", ""),
    ("newsletter", "subscriber_email", "text", "email"), ("newsletter", "topic", "text", ""),
]  # fmt: skip
# An old administration in German, French, Spanish, Italian, Polish and abbreviations
OFFICE = [
    ("Mitglieder", "MitgliedNr", "whole", ""), ("Mitglieder", "Vorname", "text", "name"),
    ("Mitglieder", "Nachname", "text", "name"), ("Mitglieder", "GebDat", "day", "date"),
    ("Mitglieder", "Straße", "text", "address"), ("Mitglieder", "PLZ", "text", "address"),
    ("Mitglieder", "Ort", "text", "address"), ("Mitglieder", "Telefon", "text", "phone"),
    ("Mitglieder", "Geschlecht", "text", "gender"), ("Mitglieder", "Eintritt", "day", ""),
    ("Mitglieder", "Beitrag", "number", ""), ("Mitglieder", "Bemerkung", "text", ""),
    ("Mitglieder", "Kontonummer", "text", "iban"), ("Mitglieder", "EMail", "text", "email"),
    ("clients", "nom", "text", "name"), ("clients", "prénom", "text", "name"),
    ("clients", "courriel", "text", "email"), ("clients", "date_naissance", "day", "date"),
    ("clients", "code_postal", "text", "address"), ("clients", "montant", "number", ""),
    ("clients", "statut", "text", ""), ("socios", "apellidos", "text", "name"),
    ("socios", "correo", "text", "email"), ("socios", "dni", "text", "id_number"),
    ("socios", "fecha_nacimiento", "day", "date"), ("socios", "fecha_alta", "day", ""),
    ("socios", "cuota", "number", ""), ("pazienti", "cognome", "text", "name"),
    ("pazienti", "codice_fiscale", "text", "id_number"), ("pazienti", "indirizzo", "text", "address"),
    ("pazienti", "diagnosi", "text", "health"), ("osoby", "imię", "text", "name"),
    ("osoby", "nazwisko", "text", "name"), ("osoby", "pesel", "text", "id_number"),
    ("osoby", "miasto", "text", "address"), ("osoby", "uwagi", "text", ""),
    ("t_adr", "tel_no", "text", "phone"), ("t_adr", "fname", "text", "name"),
    ("t_adr", "chg_dt", "moment", ""), ("t_adr", "rec_typ", "text", ""), ("t_adr", "cust_no", "whole", ""),
    ("Artikel", "Bezeichnung", "text", ""), ("Artikel", "Preis", "number", ""),
    ("Artikel", "Lagerort", "text", ""),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "missed"), [(SHOP, 0), (OFFICE, 1)], ids=["shop", "office"])
def test_names_tell_what_columns_hold_and_how_often_they_are_wrong_is_known(schema, missed):
    found = [(t, c, looks_personal(c, kind, t), truth) for t, c, kind, truth in schema]
    left = [(t, c) for t, c, said, truth in found if truth and not said]
    false = [(t, c, said) for t, c, said, truth in found if said and not truth]
    unlike = [(t, c, said, truth) for t, c, said, truth in found if said and truth and said != truth]
    assert len(left) == missed, left
    assert false == []
    assert unlike == []


@pytest.mark.parametrize(
    ("values", "looks"),
    [
        (["mia@example.org", "noor@example.org", "zoe@example.net"], "email"),
        (["DE89370400440532013000", "GB29 NWBK 6016 1331 9268 19", "FR1420041010050500013M02606"], "iban"),
        (["DE00370400440532013000", "GB00NWBK60161331926819", "FR0020041010050500013M02606"], ""),
        (["203.0.113.7", "198.51.100.0/24", "2001:db8::1"], "ip"),
        (["+442079460958", "+49 30 901820", "0301234567"], "phone"),
        (["1991-04-23", "1975-12-01", "2001-02-28"], "date"),
        (["2027-04-23", "2026-12-01", "2027-02-28"], ""),
        (["23.04.1991", "01.12.1975", "28.02.2001"], "date"),
        (["Mia Luna Moon", "Noor Aziz", "Zoë Ångström"], "name"),
        (["12", "40", "500"], ""),
        (["a1b2", "c3d4", "e5f6"], ""),
        (["1.2.3", "4.5.6", "10.0.1"], ""),
        (["mia@example.org", "none", "none", "none"], ""),
        (["mia@example.org"], ""),
        ([None, None, None], ""),
    ],
)  # fmt: skip
def test_what_most_values_are_the_column_is(values, looks):
    assert looks_like(values) == looks
