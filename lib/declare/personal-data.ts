/**
 * Columns whose name or comment speaks of personal data or of secrets: what a script, when it is first written, is not to
 * have by itself. The lists are words of databases in English, German and French; to be told of one too many costs its
 * author a line, and of one too few nobody is told.
 */

/** `secret`: what nobody needs in a lake, be it hashed. */
export type Sensitivity = 'personal' | 'secret'

/** A line is a term: the name of a column has its words, one after the other and at its end. */
const personal = `
email
e mail
email address
e mail address
mail
mail address
mailadresse
emailaddr
courriel
phone
phone number
telephone
telefon
telefonnummer
telefonnr
cellphone
tel
mobile
mobile number
mobile phone
mobilnummer
cell phone
handy
handynummer
handynr
fax
faxnummer
numero de telephone
first name
firstname
last name
lastname
middle name
full name
fullname
contact name
customer name
patient name
person name
recipient name
employee name
beneficiary name
fname
lname
maiden name
surname
given name
family name
nickname
user name
username
login
vorname
nachname
familienname
geburtsname
prenom
nom de famille
birth date
birthdate
date of birth
dob
birthday
birth name
geburtsdatum
geburtstag
geburtsort
birth place
birthplace
place of birth
birth year
date de naissance
naissance
address
addr
street
street name
house number
postal address
anschrift
adresse
strasse
hausnummer
hausnr
rue
ip
ipaddress
ipv
user agent
device id
iban
account number
account no
routing number
sort code
bank account
kontonummer
kontonr
kontoinhaber
account holder
card number
card no
cc number
credit card
card holder
cardholder
cvv
cvc
kreditkarte
kartennummer
carte bancaire
ssn
social security
social security number
national id
tax id
nino
national insurance number
nhs number
insurance number
aadhaar
pesel
cpf
bsn
personnummer
tax number
steuer id
steuernummer
steuernr
sozialversicherungsnummer
numero de securite sociale
nir
passport
passport number
ausweisnummer
passnummer
driver license
drivers license
license plate
licence plate
fuhrerschein
gender
sex
geschlecht
sexe
religion
ethnicity
race
sexual orientation
marital status
political party
diagnosis
blood type
medical record number
nationality
salary
gehalt
salaire
`

const secret = `
password
passwd
pwd
passphrase
passwort
kennwort
mot de passe
token
secret
api key
apikey
access key
private key
secret key
ssh key
signing key
encryption key
jwt
security answer
security code
otp
pin code
recovery code
backup codes
session key
credentials
zugangsdaten
cookie
`

/** Words that may follow a term, as it is still its value: `email_2`, `password_digest`, `phone_e164`. */
const forms = new Set(
  `number no nr num value text raw plain old new current previous unconfirmed primary secondary private work home
  business normalized normalised lower lowercase encrypted ciphertext crypted hash hashed digest bidx salt iv line
  e164 md5 sha1 sha256 full`.split(/\s+/),
)

/** What says so of a column of any name, in its comment. */
const marks =
  /\b(?:pii|personal (?:data|information)|personally identif\w+|gdpr|dsgvo|rgpd|personenbezogen\w*|donnees personnelles|donnee personnelle)\b/

const terms: readonly { readonly words: readonly string[]; readonly sensitivity: Sensitivity }[] = [
  ...listed(secret, 'secret'),
  ...listed(personal, 'personal'),
]

function listed(text: string, sensitivity: Sensitivity) {
  return text
    .trim()
    .split('\n')
    .map((term) => ({ words: term.split(' '), sensitivity }))
}

/** A comment of so few words names what is in the column; a longer one may tell of other things. */
const shortComment = 4

/**
 * @param typname `pg_type.typname`: a column of booleans or times is about such data, and has none
 * @returns undefined: nothing says so
 */
export function sensitivityOf(
  name: string,
  { comment, typname }: { readonly comment?: string | undefined; readonly typname?: string } = {},
): Sensitivity | undefined {
  if (typname !== undefined && /^_?(?:bool|timestamp|timestamptz|time|timetz|interval)$/.test(typname)) {
    return undefined
  }
  const named = ofName(wordsOf(name))
  if (named === 'secret' || comment === undefined) return named
  const words = wordsOf(comment)
  const told = words.length <= shortComment ? ofName(words) : undefined
  return named ?? (marks.test(words.join(' ')) ? (told ?? 'personal') : (told ?? ofStart(words)))
}

/** A term that ends the name, but for words of form: neither `email_template_id` nor `phone_verified_at` has a value. */
function ofName(words: readonly string[]): Sensitivity | undefined {
  let end = words.length
  while (end > 0 && (forms.has(words[end - 1]!) || /^\d+$/.test(words[end - 1]!))) end--
  // A form may be the end of a term: `card number`.
  const ends = Array.from({ length: words.length - end + 1 }, (_, more) => end + more)
  return ends.flatMap((each) => termAt(words, (count) => each - count) ?? [])[0]
}

const openings = new Set(
  `the a an der die das den le la l contains holds has stores keeps is plain encrypted hashed customer customers users
  user s enthalt speichert ist contient`.split(/\s+/),
)
const belongings = new Set('of for as used der des von vom du de d'.split(' '))

/**
 * A comment that begins with what it is and whose, or what for: `IBAN of the payer`, `contains the e-mail used for logins`, and
 * not `Token bucket size`.
 */
function ofStart(words: readonly string[]): Sensitivity | undefined {
  const opened = words.findIndex((word) => !openings.has(word))
  const starts = Array.from({ length: opened + 1 }, (_, start) => start)
  return starts.flatMap(
    (start) => termAt(words, (count) => (belongings.has(words[start + count] ?? '') ? start : -1)) ?? [],
  )[0]
}

function termAt(words: readonly string[], startOf: (count: number) => number): Sensitivity | undefined {
  return terms.find((term) => {
    const start = startOf(term.words.length)
    return start >= 0 && term.words.every((word, at) => isWord(words[start + at], word))
  })?.sensitivity
}

/** Many are as one: `emails`, `addresses`. */
function isWord(word: string | undefined, of: string): boolean {
  return word === of || word === `${of}s` || word === `${of}es`
}

/** `customerEMail_2`, `Straße (privat)` → their words in small letters, without accents. */
function wordsOf(text: string): string[] {
  const plain = text
    .replaceAll('ß', 'ss')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
  return plain.match(/[\p{L}]+\d*|\d+/gu)?.flatMap(apart) ?? []
}

/** A number at the end of a word is one of its own, `phone2`, unless the word is a form, as `e164`. */
function apart(word: string): string[] {
  const [, letters = word, digits = ''] = /^(\D+)(\d+)$/.exec(word) ?? []
  return digits === '' || forms.has(word) ? [word] : [letters, digits]
}
