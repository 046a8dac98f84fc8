/* Proves that a companyfacts document is written exactly as the SEC writes it, and takes its facts by their positions.
 *
 * Plain C11 on pointers, without the Python API: `_regular.py` calls it through ctypes, which leaves the interpreter's lock to
 * other threads meanwhile.
 *
 *     scan_known    puts the concepts that are wanted into a table, once for all documents
 *     scan          proves every byte of a document, in one pass, and writes the facts of wanted concepts to columns
 *     scan_batch    makes a record batch of the columns, for Arrow
 *     scan_compact  copies a document that another program has written anew, with blanks or on many lines, without them
 *
 * `scan` returns 1, or 0 for a document that is not proved: it may be valid, and is left to the decoder. Nothing is read outside
 * the document, and nothing written outside the tables, whose room the caller says: a document that needs more is not proved.
 *
 * After a change of this file `pip install -e .` compiles it again (see hatch_build.py); until then it is not used.
 */
#include <float.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A quotient must be rounded once, to a double: registers of 80 bits would round twice. */
_Static_assert(FLT_EVAL_METHOD == 0, "floating point is not evaluated in its own precision");

typedef const uint8_t *place; /* somewhere in the document */

/* Where a text begins and ends, counted from the first byte of what it is in. */
struct span {
    int32_t begin, end;
};

/* The concepts that are wanted, each with a number that stands for it. */
struct known {
    const uint8_t *texts; /* names of taxonomies and concepts, which the spans are of */
    const struct known_concept {
        struct span taxonomy, name;
        int32_t number;
    } *concepts;
    int32_t *slots; /* a concept's place plus one, where its name's hash says or after it; 0 is a free one */
    int64_t count, slot_count; /* at least twice as many slots as concepts; a power of two */
};

/* What a document has besides its facts. A code is a text's number in a column, or NO_CODE if no row has it. */
struct outline {
    struct taxonomy {
        struct span text;
        int32_t code;
    } *taxonomies;
    struct unit {
        struct span text;
        int32_t code, concept; /* the last concept that has it */
    } *units;
    struct name {
        uint64_t hash;
        struct span text;
        int32_t code, taxonomy; /* the last taxonomy that has a concept of this name */
    } *names;
    int32_t *slots; /* of names, as in `known`; SLOTS_OF_NAME for each that there is room for */
    int64_t cik;
    struct span entity_name; /* with its quotes; from 0 to 0 where it is null or missing */
    int32_t taxonomy_room, unit_room, name_room;
    int32_t taxonomy_count, unit_count, name_count, concept_count;
};

enum { NO_CODE = -1, SLOTS_OF_NAME = 2 };

/* Distinct texts of up to 16 bytes, the first in the lowest byte, filled up with zeros. */
struct dictionary {
    uint64_t (*words)[2];
    int32_t *slots; /* a text's number plus one, at the slot that its hash says or after it; 0 is a free one */
    int64_t room, slot_count; /* twice as many slots as texts, so that a free one is found soon; a power of two */
    int64_t count;
};

/* Columns of usable facts in Arrow's layout: a bit for each row that is not null, the lowest first. `number` is NULL
 * where all concepts are wanted; else the columns of names, periods and frames are not written. */
struct columns {
    uint16_t *number;
    int32_t *taxonomy, *concept, *unit;
    int32_t *start, *end, *filed; /* days since 1970-01-01 */
    double *value;
    int64_t *accession;
    int16_t *year;
    int32_t *period, *form, *frame;
    uint8_t *has_start, *has_year, *has_period, *has_frame;
    int32_t (*doubtful)[3];                         /* row, begin and end of numbers that may have another nearest double */
    struct span *taxonomies, *concepts, *units;     /* texts by their codes; room for as many as the outline has */
    struct dictionary periods, forms, frames;
    int64_t room, doubtful_room;
    int64_t rows, not_wanted;                       /* rows that were written, and facts of concepts that are not wanted */
    int64_t starts, years, period_count, frame_count; /* rows that are not null */
    int64_t impossible_dates, starts_after_ends;    /* facts that cannot be used, each counted once */
    int64_t doubtful_count;
    int32_t taxonomy_count, concept_count, unit_count;
};

/* A day that does not exist, or that no filing can be about. */
#define NO_DAY INT32_MIN

/* ------------------------------------------------------------------------------------------------------------------------- */
/* Bytes and words                                                                                                           */

/* Behind a literal, or NULL if it does not stand here. */
static inline place behind(place at, place end, const char *literal, size_t length) {
    return (size_t)(end - at) >= length && memcmp(at, literal, length) == 0 ? at + length : NULL;
}
#define LENGTH(literal) (sizeof(literal) - 1)
#define BEHIND(at, end, literal) behind(at, end, literal, LENGTH(literal))

/* Eight bytes, the first the lowest. */
static inline uint64_t word(place at) {
    uint64_t bytes;
    memcpy(&bytes, at, sizeof(bytes));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    bytes = __builtin_bswap64(bytes);
#endif
    return bytes;
}

#define EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

#define HIGHEST_BITS EACH_BYTE(0x80)

/* Has the highest bit of the first byte that is no digit, and perhaps of later ones; 0 for eight digits. What a digit differs
 * from '0' by is up to 9; adding 0x76 carries into the highest bit where it is more. A byte that is more by 128 has that bit
 * itself, so what its own carry does to the next byte does not matter. */
static inline uint64_t not_digits(uint64_t difference) {
    return (difference | (difference + EACH_BYTE(0x76))) & HIGHEST_BITS;
}

/* Sixteen bytes, which a processor takes at once. */
typedef uint8_t piece __attribute__((vector_size(16)));

static inline piece piece_at(const void *at) {
    piece bytes;
    memcpy(&bytes, at, sizeof(bytes));
    return bytes;
}

/* Whether what is here has a form of sixteen bytes or more, in which '0' stands for any digit, '?' for any byte, and all else for
 * itself. The last sixteen may overlap with those before them.
 *
 * What a byte differs from the form by may be up to 9 or nothing, and adding the rest up to 127 brings out its highest bit where
 * it is more. All but the bytes that are here is known when this is compiled. */
static inline __attribute__((always_inline)) int fits(place at, const char *form, size_t length) {
    piece misfits = {0};
#pragma GCC unroll 8
    for (size_t next = 0; next < length; next += sizeof(piece)) {
        size_t here = next + sizeof(piece) <= length ? next : length - sizeof(piece);
        piece wanted = piece_at(form + here), difference = piece_at(at + here) ^ wanted;
        piece is_digit = (piece)(wanted == '0'), is_any = (piece)(wanted == '?');
        misfits |= (difference | (difference + 0x7f - (is_digit & 9))) & ~is_any;
    }
    uint64_t halves[2];
    memcpy(halves, &misfits, sizeof(halves));
    return ((halves[0] | halves[1]) & HIGHEST_BITS) == 0;
}
#define FITS(at, form) fits(at, form, LENGTH(form))

/* Neighbours of eight digits as numbers up to 99: in each byte it and the next one. A dash counts as 13, so nothing is carried. */
static inline uint64_t pairs(uint64_t digits) {
    return digits * 10 + (digits >> 8);
}

static inline int64_t byte_of(uint64_t bytes, int number) {
    return (int64_t)(bytes >> (8 * number) & 0xff);
}

/* The number that eight digits are: pairs of digits, then of pairs, then of fours are put together. */
static inline int64_t eight_digits(uint64_t digits) {
    uint64_t twos = pairs(digits) & UINT64_C(0x00ff00ff00ff00ff);
    uint64_t fours = (twos * 100 + (twos >> 16)) & UINT64_C(0x0000ffff0000ffff);
    return (int64_t)((fours * 10000 + (fours >> 32)) & UINT64_C(0xffffffff));
}

static inline int is_digit(uint8_t byte) {
    return (uint8_t)(byte - '0') <= 9;
}

static inline int is_white(uint8_t byte) {
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static inline int is_letter_or_digit(uint8_t byte) {
    return is_digit(byte) || (uint8_t)(byte - 'A') <= 'Z' - 'A';
}

/* ------------------------------------------------------------------------------------------------------------------------- */
/* Strings and numbers around the facts                                                                                      */

/* The length of a UTF-8 sequence of two to four bytes; 0 if it is none (RFC 3629: no longer than needed, no surrogates). */
static size_t sequence(place at, place end) {
    size_t length = *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;
    if (*at < 0xc2 || *at > 0xf4 || (size_t)(end - at) < length)
        return 0;
    uint8_t least = *at == 0xe0 ? 0xa0 : *at == 0xf0 ? 0x90 : 0x80;
    uint8_t most = *at == 0xed ? 0x9f : *at == 0xf4 ? 0x8f : 0xbf;
    if (at[1] < least || at[1] > most)
        return 0;
    for (size_t number = 2; number < length; number++)
        if (at[number] < 0x80 || at[number] > 0xbf)
            return 0;
    return length;
}

/* The length of an escape; 0 if it is none, or half of a character that has two. */
static size_t escape(place at, place end) {
    if (end - at < 2)
        return 0;
    if (at[1] != 'u')
        return at[1] != 0 && strchr("\"\\/bfnrt", at[1]) != NULL ? 2 : 0;
    if (end - at < 6)
        return 0;
    unsigned code = 0;
    for (int number = 2; number < 6; number++) {
        uint8_t byte = at[number], letter = (uint8_t)((byte | 0x20) - 'a');
        if (!is_digit(byte) && letter > 'f' - 'a')
            return 0;
        code = code * 16 + (is_digit(byte) ? (unsigned)(byte - '0') : letter + 10u);
    }
    return code >= 0xd800 && code < 0xe000 ? 0 : 6;
}

/* Behind a string whose first quote is here; NULL if it is none. */
static place string(place at, place end) {
    if (at == end || *at++ != '"')
        return NULL;
    while (at < end) {
        while (end - at >= 8) {
            uint64_t bytes = word(at), quote = bytes ^ EACH_BYTE('"'), backslash = bytes ^ EACH_BYTE('\\');
            /* A byte's highest bit is set where it is a quote, a backslash, a control character, or not in ASCII; by a borrow
             * also behind one of them. */
            if (((bytes | (quote - EACH_BYTE(1)) | (backslash - EACH_BYTE(1)) | (bytes - EACH_BYTE(' '))) & EACH_BYTE(0x80)) != 0)
                break;
            at += 8;
        }
        /* The bytes of the word that has something special in it, up to that. */
        size_t length;
        if (at == end)
            return NULL;
        if (*at == '"')
            return at + 1;
        if (*at == '\\')
            length = escape(at, end);
        else if (*at >= 0x80)
            length = sequence(at, end);
        else
            length = *at >= ' ';
        if (length == 0)
            return NULL;
        at += length;
    }
    return NULL;
}

/* Behind `"name":`, the name in printable ASCII without escapes, but for the slash's where it is allowed; NULL if it is not. */
static place key(place document, place at, place end, int with_slashes, struct span *name) {
    if (at == end || *at++ != '"')
        return NULL;
    name->begin = (int32_t)(at - document);
    for (; at < end && *at != '"'; at++) {
        if (*at < ' ' || *at >= 0x7f)
            return NULL;
        if (*at == '\\' && (!with_slashes || end - at < 2 || *++at != '/'))
            return NULL;
    }
    name->end = (int32_t)(at - document);
    return BEHIND(at, end, "\":");
}

/* Behind a member that is null or a string and the comma after it; here if it is not there at all; NULL if it is another. */
static place optional_text(place document, place at, place end, const char *name, size_t length, struct span *text) {
    place value = behind(at, end, name, length);
    if (value == NULL)
        return at;
    place after = BEHIND(value, end, "null");
    if (after == NULL) {
        after = string(value, end);
        if (after == NULL)
            return NULL;
        *text = (struct span){(int32_t)(value - document), (int32_t)(after - document)};
    }
    return BEHIND(after, end, ",");
}
#define OPTIONAL_TEXT(document, at, end, name, text) optional_text(document, at, end, name, LENGTH(name), text)

/* Behind a whole number of up to ten digits, be it in quotes, and the comma after it; NULL if it is none. */
static place cik(place at, place end, int64_t *number) {
    int quoted = at < end && *at == '"';
    place first = at += quoted;
    for (*number = 0; at < end && at - first < 10 && is_digit(*at); at++)
        *number = *number * 10 + (*at - '0');
    if (at == first || (!quoted && *first == '0' && at - first > 1))
        return NULL;
    return quoted ? BEHIND(at, end, "\",") : BEHIND(at, end, ",");
}

/* ------------------------------------------------------------------------------------------------------------------------- */
/* One fact                                                                                                                  */

/* What stands between the values of a fact: '0' is any digit, '?' any byte. */
#define START "{\"start\":\"0000-00-00\",\"end\":\"0000-00-00\",\"val\":"
#define NO_START "{\"end\":\"0000-00-00\",\"val\":"
#define FILER ",\"accn\":\"0000000000-00-000000\",\"fy\":"
#define YEAR "0000,\"fp\":"
#define NO_YEAR "null,\"fp\":"
#define PERIOD "\"??\""
#define NO_PERIOD "null"
#define FORM ",\"form\":\""
#define FILED ",\"filed\":\"0000-00-00\""
#define FRAME ",\"frame\":\"CY0000"
enum {
    WHOLE_DIGITS = 18,
    FRACTION_DIGITS = 17,
    NUMBER = 1 + WHOLE_DIGITS + 1 + FRACTION_DIGITS,
    FORM_LENGTH = 16,
    /* Each character of a form may have a backslash before it. */
    LONGEST_FACT = LENGTH(START FILER YEAR PERIOD FORM "\"" FILED FRAME "Q0I\"}") + NUMBER + 2 * FORM_LENGTH,
    /* A fact is read as far as it is proved, and once more at most. */
    FACT_ROOM = LONGEST_FACT + LENGTH(FILER YEAR PERIOD FORM)
};

/* Where the parts of a fact are. */
struct fact {
    place start, end, number, accession, year, period, form, filed, frame; /* NULL for those that are null or missing */
    int32_t digits, decimals; /* of the number, before its point and after it */
};

static inline int first_byte(uint64_t highest_bits) {
    return __builtin_ctzll(highest_bits) / 8;
}

/* Behind a number; NULL if it is none, or a longer one. */
static inline place number(place at, struct fact *fact) {
    fact->number = at;
    at += *at == '-';
    uint64_t first = not_digits(word(at) ^ EACH_BYTE('0')), second = not_digits(word(at + 8) ^ EACH_BYTE('0'));
    int32_t digits = first != 0 ? first_byte(first) : second != 0 ? 8 + first_byte(second) : 16;
    if (digits == 16)
        while (digits < WHOLE_DIGITS && is_digit(at[digits]))
            digits++;
    if (digits == 0 || (*at == '0' && digits > 1))
        return NULL;
    fact->digits = digits;
    fact->decimals = 0;
    at += digits;
    if (*at == '.') {
        place point = at++;
        while (at - point <= FRACTION_DIGITS && is_digit(*at))
            at++;
        fact->decimals = (int32_t)(at - point) - 1;
        if (fact->decimals == 0)
            return NULL;
    }
    return at;
}

/* Whether a form is one of the two that nineteen of twenty facts are of. */
static inline int is_usual(place at) {
    return (memcmp(at, "10-K\"", 5) == 0) | (memcmp(at, "10-Q\"", 5) == 0);
}

/* Behind the text of a form and its quote: 1 to 16 of A to Z, digits, spaces, '-' and '/'; NULL if it is none. */
static inline place form(place at) {
    if (is_usual(at))
        return at + 5;
    for (int length = 0; length <= FORM_LENGTH; length++) {
        uint8_t byte = *at++;
        if (byte == '"')
            return length > 0 ? at : NULL;
        /* JSON may write a slash with a backslash before it. */
        if (byte == '\\' && (byte = *at++) != '/')
            return NULL;
        if (!(is_letter_or_digit(byte) || byte == '-' || byte == ' ' || byte == '/'))
            return NULL;
    }
    return NULL;
}

/* Behind a frame's text after its year: nothing, a quarter, or a quarter and an 'I'; NULL if it is neither. */
static inline place quarter(place at) {
    if (*at != 'Q')
        return at;
    if (at[1] < '1' || at[1] > '4')
        return NULL;
    return at + 2 + (at[2] == 'I');
}

/* Behind a fact, between brace and brace; NULL if it is not regular. Up to FACT_ROOM bytes are read. */
static inline place prove(place at, struct fact *fact) {
    if (at[2] == 's') {
        if (!FITS(at, START))
            return NULL;
        fact->start = at + LENGTH("{\"start\":\"");
        at += LENGTH(START);
    } else {
        if (!FITS(at, NO_START))
            return NULL;
        fact->start = NULL;
        at += LENGTH(NO_START);
    }
    fact->end = at - LENGTH("0000-00-00\",\"val\":");
    if ((at = number(at, fact)) == NULL)
        return NULL;
    /* From here to the text of the form all lengths are fixed: a null is as long as a year, and as a period in its quotes. */
    fact->accession = at + LENGTH(",\"accn\":\"");
    fact->year = at + LENGTH(FILER);
    fact->period = at + LENGTH(FILER YEAR) + 1;
    fact->form = at + LENGTH(FILER YEAR PERIOD FORM);
    if (!FITS(at, FILER YEAR PERIOD FORM)) {
        if (FITS(at, FILER YEAR NO_PERIOD FORM))
            fact->period = NULL;
        else if (FITS(at, FILER NO_YEAR PERIOD FORM))
            fact->year = NULL;
        else if (FITS(at, FILER NO_YEAR NO_PERIOD FORM))
            fact->year = fact->period = NULL;
        else
            return NULL;
    }
    if (fact->year != NULL && *fact->year == '0')
        return NULL;
    if (fact->period != NULL && !(is_letter_or_digit(fact->period[0]) & is_letter_or_digit(fact->period[1])))
        return NULL;
    at = form(fact->form);
    if (at == NULL || !FITS(at, FILED))
        return NULL;
    fact->filed = at + LENGTH(",\"filed\":\"");
    at += LENGTH(FILED);
    fact->frame = NULL;
    if (*at == '}')
        return at + 1;
    if (!FITS(at, FRAME))
        return NULL;
    fact->frame = at + LENGTH(FRAME) - LENGTH("0000");
    at = quarter(at + LENGTH(FRAME));
    return at != NULL && at[0] == '"' && at[1] == '}' ? at + 2 : NULL;
}

enum { FEBRUARY = 2, FIRST_YEAR = 1900, LAST_YEAR = 2100 };

static const uint8_t DAYS_OF_MONTH[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
static const int16_t DAYS_BEFORE_MONTH[] = {0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};

/* The day, since 1970, that is written here as a date; NO_DAY if there is none, or none that can be meant. */
static inline int32_t day(place at) {
    uint64_t twos = pairs(word(at) & EACH_BYTE(0x0f));
    int32_t year = (int32_t)(byte_of(twos, 0) * 100 + byte_of(twos, 2)), month = (int32_t)byte_of(twos, 5);
    int32_t day_of_month = (at[8] - '0') * 10 + (at[9] - '0');
    if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12)
        return NO_DAY;
    /* Neither the first of these years nor the last is a leap year. */
    int is_leap = year % 4 == 0 && year != FIRST_YEAR && year != LAST_YEAR;
    if (day_of_month < 1 || day_of_month > DAYS_OF_MONTH[month] + (is_leap && month == FEBRUARY))
        return NO_DAY;
    /* 25567 days from the first of January of 1900 to that of 1970; 1904 is the first leap year. */
    return (year - FIRST_YEAR) * 365 + (year - FIRST_YEAR - 1) / 4 - 25567 + DAYS_BEFORE_MONTH[month] +
           (is_leap && month > FEBRUARY) + day_of_month - 1;
}

/* The eighteen digits of an accession number as a number. */
static inline int64_t accession(place at) {
    /* Three words that overlap: the first digits, "00-00-00" from the ninth byte on, and "0-000000" from the thirteenth. */
    uint64_t first = word(at) & EACH_BYTE(0x0f), middle = word(at + 8) & EACH_BYTE(0x0f), last = word(at + 12) & EACH_BYTE(0x0f);
    uint64_t twos = pairs(middle);
    int64_t filer = eight_digits(first) * 100 + byte_of(twos, 0), serial = eight_digits(last & ~UINT64_C(0xffff));
    return (filer * 100 + byte_of(twos, 3)) * 1000000 + serial;
}

static const double POWERS[FRACTION_DIGITS + 1] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,
                                                   1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17};

static const uint64_t TENS[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};

/* The double that a number is. */
static inline double value(const struct fact *fact, int *is_doubtful) {
    int is_negative = *fact->number == '-';
    place at = fact->number + is_negative;
    uint64_t digits = 0;
    /* With too many digits after the point this overflows, which is defined, and is doubtful. */
    int32_t left = fact->digits;
    for (; left >= 8; left -= 8, at += 8)
        digits = digits * 100000000 + (uint64_t)eight_digits(word(at) & EACH_BYTE(0x0f));
    /* The last up to seven behind zeros, which shifting brings in; in two steps, since there may be nothing to keep. */
    uint64_t last = (word(at) & EACH_BYTE(0x0f)) << (4 * (8 - left)) << (4 * (8 - left));
    digits = digits * TENS[left] + (uint64_t)eight_digits(last);
    at += left + 1;
    for (int32_t number = 0; number < fact->decimals; number++)
        digits = digits * 10 + (uint64_t)(at[number] - '0');
    /* A whole number becomes the nearest double. A quotient does where both numbers are exact, which all whole numbers up to
     * 2^53 and powers of ten up to 10^22 are; 19 digits do not overflow. */
    *is_doubtful = fact->decimals > 0 && (fact->digits + fact->decimals > 19 || digits > UINT64_C(1) << DBL_MANT_DIG);
    double size = (double)digits / POWERS[fact->decimals];
    return is_negative ? -size : size;
}

/* The number of a text; -1 if there is no room for one more. */
static inline int32_t number_of(struct dictionary *texts, uint64_t low, uint64_t high) {
    /* Two odd numbers without a pattern; the higher half of the product depends on all of the text. */
    uint64_t hash = (low ^ high * UINT64_C(0xc2b2ae3d27d4eb4f)) * UINT64_C(0x9e3779b97f4a7c15);
    uint64_t last = (uint64_t)texts->slot_count - 1;
    for (uint64_t slot = hash >> 32 & last;; slot = (slot + 1) & last) {
        int32_t number = texts->slots[slot] - 1;
        if (number < 0) {
            if (texts->count == texts->room)
                return -1;
            number = (int32_t)texts->count++;
            texts->slots[slot] = number + 1;
            texts->words[number][0] = low;
            texts->words[number][1] = high;
            return number;
        }
        if (texts->words[number][0] == low && texts->words[number][1] == high)
            return number;
    }
}

/* The number of a form. */
static inline int32_t form_number(place at, struct dictionary *forms) {
    uint64_t words[2] = {0, 0};
    if (is_usual(at))
        return number_of(forms, word(at) & UINT64_C(0xffffffff), 0);
    for (int length = 0; *at != '"'; at++)
        if (*at != '\\') {
            words[length / 8] |= (uint64_t)*at << (length % 8 * 8);
            length++;
        }
    return number_of(forms, words[0], words[1]);
}

/* The number of a frame's text after "CY". */
static inline int32_t frame_number(place at, struct dictionary *frames) {
    uint64_t text = 0;
    for (int length = 0; *at != '"'; length++)
        text |= (uint64_t)*at++ << (length * 8);
    return number_of(frames, text, 0);
}

/* Set a row's bit where it is not null, and count it. */
static inline void mark(uint8_t *bits, int64_t row, int is_there, int64_t *count) {
    uint8_t others = row % 8 == 0 ? 0 : bits[row / 8];
    bits[row / 8] = (uint8_t)(others | is_there << (row % 8));
    *count += is_there;
}

/* Write a fact as a row, or count why it cannot be used; 0 if there is no room.
 *
 * begin: of the number, from the beginning of the document.
 */
static int write_row(const struct fact *fact, int32_t begin, struct columns *to) {
    int64_t row = to->rows;
    int32_t start = fact->start == NULL ? 0 : day(fact->start), end = day(fact->end), filed = day(fact->filed);
    if (start == NO_DAY || end == NO_DAY || filed == NO_DAY) {
        to->impossible_dates++;
        return 1;
    }
    if (fact->start != NULL && start > end) {
        to->starts_after_ends++;
        return 1;
    }
    if (row == to->room)
        return 0;
    to->rows++;
    to->start[row] = start;
    mark(to->has_start, row, fact->start != NULL, &to->starts);
    to->end[row] = end;
    to->filed[row] = filed;
    int is_doubtful;
    to->value[row] = value(fact, &is_doubtful);
    to->accession[row] = accession(fact->accession);
    place year = fact->year;
    to->year[row] =
        year == NULL ? 0 : (int16_t)((year[0] - '0') * 1000 + (year[1] - '0') * 100 + (year[2] - '0') * 10 + (year[3] - '0'));
    mark(to->has_year, row, year != NULL, &to->years);
    if ((to->form[row] = form_number(fact->form, &to->forms)) < 0)
        return 0;
    if (to->number == NULL) {
        int32_t period = 0, frame = 0;
        if (fact->period != NULL)
            period = number_of(&to->periods, (uint64_t)fact->period[0] | (uint64_t)fact->period[1] << 8, 0);
        if (fact->frame != NULL)
            frame = frame_number(fact->frame, &to->frames);
        if (period < 0 || frame < 0)
            return 0;
        to->period[row] = period;
        mark(to->has_period, row, fact->period != NULL, &to->period_count);
        to->frame[row] = frame;
        mark(to->has_frame, row, fact->frame != NULL, &to->frame_count);
    }
    if (is_doubtful) {
        if (to->doubtful_count == to->doubtful_room)
            return 0;
        int32_t *noted = to->doubtful[to->doubtful_count++];
        noted[0] = (int32_t)row;
        noted[1] = begin;
        noted[2] = begin + (*fact->number == '-') + fact->digits + 1 + fact->decimals;
    }
    return 1;
}

/* ------------------------------------------------------------------------------------------------------------------------- */
/* The document                                                                                                              */

/* Behind a list of facts, which may be empty; NULL if it is not regular, or there is no room.
 *
 * at: behind its bracket.
 * to: where its facts become rows; NULL if they are not wanted.
 * facts: how many it has.
 */
static place list(place document, place at, place end, struct columns *to, int64_t *facts) {
    uint8_t last_bytes[FACT_ROOM];
    if (at < end && *at == ']')
        return at + 1;
    for (;;) {
        struct fact fact;
        place from = at;
        if (end - at < FACT_ROOM) {
            /* What is proved is there: no part of a fact is a zero. */
            memset(last_bytes, 0, sizeof(last_bytes));
            memcpy(last_bytes, at, (size_t)(end - at));
            from = last_bytes;
        }
        /* Processors fetch what comes next by themselves, but not beyond a page. Some seven facts ahead is soon enough. */
        uintptr_t ahead = (uintptr_t)at + 1024;
        __builtin_prefetch((const void *)ahead);
        __builtin_prefetch((const void *)(ahead + 64));
        place behind = prove(from, &fact);
        if (behind == NULL)
            return NULL;
        if (to != NULL && !write_row(&fact, (int32_t)(at - document + (fact.number - from)), to))
            return NULL;
        ++*facts;
        at += behind - from;
        if (at == end)
            return NULL;
        if (*at != ',')
            return *at == ']' ? at + 1 : NULL;
        at++;
    }
}

/* Whether two names are the same but for the backslash that a slash may have before it. */
static int is_same(place one, place one_end, place other, place other_end) {
    for (;;) {
        one += one < one_end && *one == '\\';
        other += other < other_end && *other == '\\';
        if (one == one_end || other == other_end)
            return one == one_end && other == other_end;
        if (*one++ != *other++)
            return 0;
    }
}

/* The unit that is written so; NULL if there is no room for one more, or another spelling of it is there. */
static struct unit *unit_of(place document, struct span text, struct outline *found) {
    size_t length = (size_t)(text.end - text.begin);
    for (int32_t number = 0; number < found->unit_count; number++) {
        struct span other = found->units[number].text;
        if ((size_t)(other.end - other.begin) == length && memcmp(document + other.begin, document + text.begin, length) == 0)
            return &found->units[number];
    }
    for (int32_t number = 0; number < found->unit_count; number++) {
        struct span other = found->units[number].text;
        if (is_same(document + other.begin, document + other.end, document + text.begin, document + text.end))
            return NULL;
    }
    if (found->unit_count == found->unit_room)
        return NULL;
    struct unit *unit = &found->units[found->unit_count++];
    *unit = (struct unit){text, NO_CODE, -1};
    return unit;
}

static uint64_t hash_of(place at, size_t length) {
    uint64_t hash = length;
    for (; length > 0; at += 8, length -= length < 8 ? length : 8) {
        uint64_t bytes = 0;
        if (length >= 8)
            bytes = word(at);
        else
            for (size_t number = 0; number < length; number++)
                bytes |= (uint64_t)at[number] << (8 * number);
        /* Odd numbers without a pattern; the shift brings what the product has above down to where the next one starts. */
        hash = (hash ^ bytes) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    return hash;
}

/* The concepts' names of a document: this one; NULL if there is no room for one more. */
static struct name *name_of(place document, struct span text, uint64_t hash, struct outline *found) {
    uint64_t last = (uint64_t)found->name_room * SLOTS_OF_NAME - 1;
    size_t length = (size_t)(text.end - text.begin);
    for (uint64_t slot = hash & last;; slot = (slot + 1) & last) {
        int32_t number = found->slots[slot] - 1;
        if (number < 0) {
            if (found->name_count == found->name_room)
                return NULL;
            struct name *name = &found->names[found->name_count++];
            found->slots[slot] = found->name_count;
            *name = (struct name){hash, text, NO_CODE, -1};
            return name;
        }
        struct name *other = &found->names[number];
        if (other->hash == hash && (size_t)(other->text.end - other->text.begin) == length &&
            memcmp(document + other->text.begin, document + text.begin, length) == 0)
            return other;
    }
}

static int is_text(const uint8_t *texts, struct span span, place at, size_t length) {
    return (size_t)(span.end - span.begin) == length && memcmp(texts + span.begin, at, length) == 0;
}

/* The number of a concept; -1 if it is not wanted. */
static int32_t known_number(place document, struct span taxonomy, struct span name, uint64_t hash, const struct known *known) {
    uint64_t last = (uint64_t)known->slot_count - 1;
    for (uint64_t slot = hash & last; known->slots[slot] != 0; slot = (slot + 1) & last) {
        const struct known_concept *concept = &known->concepts[known->slots[slot] - 1];
        if (is_text(known->texts, concept->name, document + name.begin, (size_t)(name.end - name.begin)) &&
            is_text(known->texts, concept->taxonomy, document + taxonomy.begin, (size_t)(taxonomy.end - taxonomy.begin)))
            return concept->number;
    }
    return -1;
}

/* Put the known concepts into their slots.
 *
 * known: `count` concepts, all different; as many slots as it says, all 0.
 */
void scan_known(const struct known *known) {
    uint64_t last = (uint64_t)known->slot_count - 1;
    for (int64_t number = 0; number < known->count; number++) {
        struct span name = known->concepts[number].name;
        uint64_t slot = hash_of(known->texts + name.begin, (size_t)(name.end - name.begin)) & last;
        while (known->slots[slot] != 0)
            slot = (slot + 1) & last;
        known->slots[slot] = (int32_t)number + 1;
    }
}

/* A text's code, which is the next one when it is used for the first time. */
static int32_t code_of(int32_t *code, struct span text, struct span *texts, int32_t *count) {
    if (*code == NO_CODE) {
        texts[*count] = text;
        *code = (*count)++;
    }
    return *code;
}

static void fill(int32_t *column, int64_t first, int64_t end, int32_t code) {
    for (int64_t row = first; row < end; row++)
        column[row] = code;
}

/* Behind `{"USD":[...],...}`, no unit twice; NULL if it is not that.
 *
 * number: of the concept; -1 if it is not wanted, and any other number where all are.
 */
static place units(place document, place at, place end, struct name *name, int32_t number, struct outline *found,
                   struct columns *to) {
    struct taxonomy *taxonomy = &found->taxonomies[found->taxonomy_count];
    int32_t concept = found->concept_count++;
    if (at == end || *at++ != '{')
        return NULL;
    if (at < end && *at == '}')
        return at + 1;
    for (;;) {
        struct span text;
        int64_t facts = 0, first = to->rows;
        if ((at = key(document, at, end, 1, &text)) == NULL || at == end || *at++ != '[')
            return NULL;
        struct unit *unit = unit_of(document, text, found);
        if (unit == NULL || unit->concept == concept)
            return NULL;
        unit->concept = concept;
        if ((at = list(document, at, end, number < 0 ? NULL : to, &facts)) == NULL || at == end)
            return NULL;
        if (number < 0)
            to->not_wanted += facts;
        else if (to->rows > first) {
            fill(to->unit, first, to->rows, code_of(&unit->code, unit->text, to->units, &to->unit_count));
            if (to->number != NULL)
                for (int64_t row = first; row < to->rows; row++)
                    to->number[row] = (uint16_t)number;
            else {
                int32_t *code = &taxonomy->code;
                fill(to->taxonomy, first, to->rows, code_of(code, taxonomy->text, to->taxonomies, &to->taxonomy_count));
                fill(to->concept, first, to->rows, code_of(&name->code, name->text, to->concepts, &to->concept_count));
            }
        }
        if (*at == '}')
            return at + 1;
        if (*at++ != ',')
            return NULL;
    }
}

/* Behind `{"Assets":{"label":...,"description":...,"units":{...}},...}`, none twice; NULL if it is not that. */
static place concepts(place document, place at, place end, const struct known *known, struct outline *found,
                      struct columns *to) {
    struct span taxonomy = found->taxonomies[found->taxonomy_count].text;
    if (at == end || *at++ != '{')
        return NULL;
    if (at < end && *at == '}')
        return at + 1;
    for (;;) {
        struct span unused, text;
        if ((at = key(document, at, end, 0, &text)) == NULL || at == end || *at++ != '{')
            return NULL;
        uint64_t hash = hash_of(document + text.begin, (size_t)(text.end - text.begin));
        struct name *name = name_of(document, text, hash, found);
        if (name == NULL || name->taxonomy == found->taxonomy_count)
            return NULL;
        name->taxonomy = found->taxonomy_count;
        if ((at = OPTIONAL_TEXT(document, at, end, "\"label\":", &unused)) == NULL)
            return NULL;
        if ((at = OPTIONAL_TEXT(document, at, end, "\"description\":", &unused)) == NULL)
            return NULL;
        if ((at = BEHIND(at, end, "\"units\":")) == NULL)
            return NULL;
        int32_t number = known == NULL ? 0 : known_number(document, taxonomy, text, hash, known);
        if ((at = units(document, at, end, name, number, found, to)) == NULL || end - at < 2 || *at++ != '}')
            return NULL;
        if (*at == '}')
            return at + 1;
        if (*at++ != ',')
            return NULL;
    }
}

/* Prove a document, and write its wanted facts.
 *
 * document: `size` bytes.
 * known: the concepts that are wanted; NULL for all.
 * found: tables and their rooms; the rest is written here.
 * to: columns and dictionaries, and their rooms; the rest is written here.
 */
int scan(place document, int64_t size, const struct known *known, struct outline *found, struct columns *to) {
    if (size < 0 || size > INT32_MAX)
        return 0;
    found->taxonomy_count = found->unit_count = found->name_count = found->concept_count = 0;
    found->entity_name = (struct span){0, 0};
    memset(found->slots, 0, (size_t)found->name_room * SLOTS_OF_NAME * sizeof(int32_t));
    to->rows = to->not_wanted = to->starts = to->years = to->period_count = to->frame_count = 0;
    to->impossible_dates = to->starts_after_ends = to->doubtful_count = 0;
    to->taxonomy_count = to->concept_count = to->unit_count = 0;
    struct dictionary *texts[] = {&to->periods, &to->forms, &to->frames};
    for (size_t number = 0; number < sizeof(texts) / sizeof(*texts); number++) {
        memset(texts[number]->slots, 0, (size_t)texts[number]->slot_count * sizeof(int32_t));
        texts[number]->count = 0;
    }
    place end = document + size, at = BEHIND(document, end, "{\"cik\":");
    if (at == NULL || (at = cik(at, end, &found->cik)) == NULL)
        return 0;
    if ((at = OPTIONAL_TEXT(document, at, end, "\"entityName\":", &found->entity_name)) == NULL)
        return 0;
    if ((at = BEHIND(at, end, "\"facts\":{")) == NULL || at == end)
        return 0;
    for (int first = 1; *at != '}'; first = 0) {
        if (!first && *at++ != ',')
            return 0;
        if (found->taxonomy_count == found->taxonomy_room)
            return 0;
        struct taxonomy *taxonomy = &found->taxonomies[found->taxonomy_count];
        taxonomy->code = NO_CODE;
        if ((at = key(document, at, end, 0, &taxonomy->text)) == NULL)
            return 0;
        for (int32_t number = 0; number < found->taxonomy_count; number++)
            if (is_text(document, found->taxonomies[number].text, document + taxonomy->text.begin,
                        (size_t)(taxonomy->text.end - taxonomy->text.begin)))
                return 0;
        if ((at = concepts(document, at, end, known, found, to)) == NULL || at == end)
            return 0;
        found->taxonomy_count++;
    }
    if ((at = BEHIND(at, end, "}}")) == NULL)
        return 0;
    while (at < end && is_white(*at))
        at++;
    return at == end;
}

/* ------------------------------------------------------------------------------------------------------------------------- */
/* Columns for Arrow                                                                                                         */

/* As https://arrow.apache.org/docs/format/CDataInterface.html has it: what `release` has freed, nobody refers to any more. */
struct ArrowArray {
    int64_t length, null_count, offset, n_buffers, n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

/* The texts that codes stand for: pieces of the document, or words, all with the same beginning. */
struct texts {
    const struct span *spans;
    const struct dictionary *words;
    const char *beginning;
    int64_t count;
};

/* A column as it is written to by `scan`; or the company's number in each row, where there is none. */
struct column {
    const void *rows;
    size_t width;
    const uint8_t *bits; /* NULL where nothing is null */
    int64_t there;       /* rows that are not null */
    struct texts texts;  /* for codes */
};

enum { MOST_COLUMNS = 13, WORDS_LENGTH = 16, BEGINNING = 2, ALIGNMENT = 64 };

/* A record batch in one piece of memory, with its columns behind it. */
struct batch {
    struct ArrowArray columns[MOST_COLUMNS], dictionaries[MOST_COLUMNS], *children[MOST_COLUMNS];
    const void *buffers[MOST_COLUMNS][2], *texts[MOST_COLUMNS][3], *no_bits[1];
};

static size_t aligned(size_t size) {
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static size_t most_bytes(const struct texts *texts) {
    size_t bytes = 0;
    if (texts->spans == NULL)
        return (size_t)texts->count * (BEGINNING + WORDS_LENGTH);
    for (int64_t number = 0; number < texts->count; number++)
        bytes += (size_t)(texts->spans[number].end - texts->spans[number].begin);
    return bytes;
}

/* Write texts one behind the other, and where each begins, and where the last one ends. */
static void write_texts(place document, const struct texts *texts, uint8_t *to, int32_t *offsets) {
    int32_t length = 0;
    for (int64_t number = 0; number < texts->count; number++) {
        offsets[number] = length;
        if (texts->spans != NULL) {
            struct span span = texts->spans[number];
            /* A backslash is only where it stands before a slash in a unit. */
            for (int32_t at = span.begin; at < span.end; at++)
                if (document[at] != '\\')
                    to[length++] = document[at];
            continue;
        }
        for (const char *beginning = texts->beginning; *beginning != 0; beginning++)
            to[length++] = (uint8_t)*beginning;
        const uint64_t *words = texts->words->words[number];
        for (int at = 0; at < WORDS_LENGTH && (words[at / 8] >> (at % 8 * 8) & 0xff) != 0; at++)
            to[length++] = (uint8_t)(words[at / 8] >> (at % 8 * 8));
    }
    offsets[texts->count] = length;
}

static void release_part(struct ArrowArray *array) {
    array->release = NULL;
}

static void release_batch(struct ArrowArray *array) {
    free(array->private_data);
    array->release = NULL;
}

/* Make a record batch of what `scan` has written, in memory of its own; 0 if there is not enough.
 *
 * document: the same.
 * cik: for all rows.
 * to: what it is to be known by. The columns are those of KNOWN_SCHEMA, or of FACT_SCHEMA.
 */
int scan_batch(place document, int64_t cik, const struct columns *from, struct ArrowArray *to) {
#define PLAIN(name) {from->name, sizeof(*from->name), NULL, 0, {0}}
#define SPARSE(name, bits, there) {from->name, sizeof(*from->name), from->bits, from->there, {0}}
#define SPANS(name, spans, count) {from->name, sizeof(*from->name), NULL, 0, {from->spans, NULL, "", from->count}}
#define WORDS(name, words) {from->name, sizeof(*from->name), NULL, 0, {NULL, &from->words, "", from->words.count}}
#define SPARSE_WORDS(name, words, beginning, bits, there) \
    {from->name, sizeof(*from->name), from->bits, from->there, {NULL, &from->words, beginning, from->words.count}}
    const struct column cik_column = {NULL, sizeof(cik), NULL, 0, {0}};
    const struct column known[] = {
        cik_column,
        PLAIN(number),
        SPANS(unit, units, unit_count),
        SPARSE(start, has_start, starts),
        PLAIN(end),
        PLAIN(value),
        PLAIN(accession),
        SPARSE(year, has_year, years),
        WORDS(form, forms),
        PLAIN(filed),
    };
    const struct column all[] = {
        cik_column,
        SPANS(taxonomy, taxonomies, taxonomy_count),
        SPANS(concept, concepts, concept_count),
        SPANS(unit, units, unit_count),
        SPARSE(start, has_start, starts),
        PLAIN(end),
        PLAIN(value),
        PLAIN(accession),
        SPARSE(year, has_year, years),
        SPARSE_WORDS(period, periods, "", has_period, period_count),
        WORDS(form, forms),
        PLAIN(filed),
        SPARSE_WORDS(frame, frames, "CY", has_frame, frame_count),
    };
    const struct column *columns = from->number != NULL ? known : all;
    size_t count = from->number != NULL ? sizeof(known) / sizeof(*known) : sizeof(all) / sizeof(*all);
    _Static_assert(sizeof(all) / sizeof(*all) <= MOST_COLUMNS && sizeof(known) <= sizeof(all), "a batch has room for fewer columns");
    size_t rows = (size_t)from->rows, bits = (rows + 7) / 8, size = aligned(sizeof(struct batch));
    for (size_t number = 0; number < count; number++) {
        const struct column *column = &columns[number];
        size += aligned(rows * column->width) + (column->bits != NULL ? aligned(bits) : 0);
        size += aligned(most_bytes(&column->texts)) + aligned((size_t)(column->texts.count + 1) * sizeof(int32_t));
    }
    uint8_t *memory = aligned_alloc(ALIGNMENT, size);
    if (memory == NULL)
        return 0;
    struct batch *batch = (struct batch *)memory;
    uint8_t *free_from = memory + aligned(sizeof(struct batch));
    for (size_t number = 0; number < count; number++) {
        const struct column *column = &columns[number];
        const struct texts *texts = &column->texts;
        int64_t nulls = column->bits != NULL ? from->rows - column->there : 0;
        const void **buffers = batch->buffers[number];
        buffers[0] = nulls > 0 ? memcpy(free_from, column->bits, bits) : NULL;
        free_from += nulls > 0 ? aligned(bits) : 0;
        buffers[1] = free_from;
        if (column->rows != NULL)
            memcpy(free_from, column->rows, rows * column->width);
        else
            for (size_t row = 0; row < rows; row++)
                ((int64_t *)free_from)[row] = cik;
        free_from += aligned(rows * column->width);
        struct ArrowArray *dictionary = NULL;
        if (texts->spans != NULL || texts->words != NULL) {
            uint8_t *bytes = free_from;
            int32_t *offsets = (int32_t *)(free_from + aligned(most_bytes(texts)));
            free_from = (uint8_t *)offsets + aligned((size_t)(texts->count + 1) * sizeof(int32_t));
            write_texts(document, texts, bytes, offsets);
            dictionary = &batch->dictionaries[number];
            batch->texts[number][0] = NULL;
            batch->texts[number][1] = offsets;
            batch->texts[number][2] = bytes;
            *dictionary = (struct ArrowArray){
                .length = texts->count, .n_buffers = 3, .buffers = batch->texts[number], .release = release_part};
        }
        batch->columns[number] = (struct ArrowArray){.length = from->rows,
                                                     .null_count = nulls,
                                                     .n_buffers = 2,
                                                     .buffers = buffers,
                                                     .dictionary = dictionary,
                                                     .release = release_part};
        batch->children[number] = &batch->columns[number];
    }
    batch->no_bits[0] = NULL;
    *to = (struct ArrowArray){.length = from->rows,
                              .n_buffers = 1,
                              .buffers = batch->no_bits,
                              .n_children = (int64_t)count,
                              .children = batch->children,
                              .release = release_batch,
                              .private_data = memory};
    return 1;
}

/* ------------------------------------------------------------------------------------------------------------------------- */
/* White space                                                                                                               */

static inline int is_structural(uint8_t byte) {
    return byte == ',' || byte == ':' || byte == '{' || byte == '}' || byte == '[' || byte == ']';
}

/* Copy a document without the white space between its tokens; its size then, or 0 if what would be left could be valid JSON
 * where the document is none: white space that parts two tokens must have a bracket, a comma or a colon on one of its sides.
 *
 * document: `size` bytes.
 * to: room for as many.
 */
int64_t scan_compact(place document, int64_t size, uint8_t *to) {
    place at = document, end = document + size;
    uint8_t *first = to;
    while (at < end) {
        if (is_white(*at)) {
            do
                at++;
            while (at < end && is_white(*at));
            if (to != first && at < end && !is_structural(to[-1]) && !is_structural(*at))
                return 0;
        } else if (*at != '"') {
            *to++ = *at++;
        } else {
            do {
                /* What an escape is of is copied with it: it may be a quote. */
                if (*at == '\\')
                    *to++ = *at++;
                if (at < end)
                    *to++ = *at++;
            } while (at < end && *at != '"');
            if (at == end)
                return 0;
            *to++ = *at++;
        }
    }
    return to - first;
}
