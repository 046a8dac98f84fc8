/* Proves that a companyfacts document is written exactly as the SEC writes it, and takes its facts by their positions.
 *
 * Plain C11 on pointers, without the Python API: `_regular.py` calls it through ctypes, which leaves the interpreter's lock to
 * other threads meanwhile. Two steps, so that Python decides between them which concepts are wanted:
 *
 *     scan_outline  everything but the facts is proved, and where the lists of facts are is noted
 *     scan_facts    every byte of every list is proved, and the facts of wanted lists are written to columns
 *
 * Both return 1, or 0 for a document that is not proved: it may be valid, and is left to the decoder. Nothing is read outside
 * the document, and nothing written outside the tables, whose room the caller says: a document that needs more is not proved.
 *
 * A document that another program has written anew, with blanks or on many lines, is first copied by scan_compact without them.
 *
 * After a change of this file `pip install -e .` compiles it again (see hatch_build.py); until then it is not used.
 */
#include <float.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A quotient must be rounded once, to a double: registers of 80 bits would round twice. */
_Static_assert(FLT_EVAL_METHOD == 0, "floating point is not evaluated in its own precision");

typedef const uint8_t *place; /* somewhere in the document */

/* Where a text begins and ends, counted from the document's first byte. */
struct span {
    int32_t begin, end;
};

struct concept {
    int32_t taxonomy;
    struct span name;
};

/* A list of at least one fact, from bracket to bracket. */
struct list {
    int32_t concept, unit, facts;
    struct span text;
};

struct outline {
    struct span *taxonomies, *units; /* distinct as they are written, without their quotes */
    int32_t *unit_concepts;          /* the last concept that had each unit */
    struct concept *concepts;
    struct list *lists;
    int64_t cik;
    struct span name; /* of the company, with its quotes; from 0 to 0 where it is null or missing */
    int32_t taxonomy_room, unit_room, concept_room, list_room;
    int32_t taxonomy_count, unit_count, concept_count, list_count;
};

/* Distinct texts of up to 16 bytes, the first in the lowest byte, filled up with zeros. */
struct dictionary {
    uint64_t (*words)[2];
    int32_t *slots; /* a text's number plus one, at the slot that its hash says or after it; 0 is a free one */
    int64_t room, slot_count; /* twice as many slots as texts, so that a free one is found soon; a power of two */
    int64_t count;
};

/* Columns in Arrow's layout: a bit for each row that is not null, the lowest first. */
struct columns {
    int32_t *taxonomy, *concept, *unit;
    int32_t *start, *end, *filed; /* days since 1970-01-01 */
    double *value;
    int64_t *accession;
    int16_t *year;
    int32_t *period, *form, *frame;
    uint8_t *has_start, *has_end, *has_filed, *has_year, *has_period, *has_frame;
    uint8_t *fault;                 /* of each row, one of the FAULTs */
    int32_t (*doubtful)[3];         /* row, begin and end of numbers whose double is not certain to be the nearest one */
    struct dictionary periods, forms, frames;
    int64_t room, doubtful_room;
    int64_t rows, not_wanted; /* rows that were written, and facts of lists that are not wanted */
    int64_t starts, ends, fileds, years, period_count, frame_count; /* rows that are not null */
    int64_t faulty, doubtful_count;
};

enum { NO_FAULT, IMPOSSIBLE_DATE, START_AFTER_END };

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

/* Eight bytes, the first the lowest: one load where the machine has them in this order. */
static inline uint64_t word(place at) {
    return (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 | (uint64_t)at[3] << 24 | (uint64_t)at[4] << 32 |
           (uint64_t)at[5] << 40 | (uint64_t)at[6] << 48 | (uint64_t)at[7] << 56;
}

#define EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Patterns of eight bytes: '0' stands for any digit, all else for itself. What a byte differs from the pattern by may be up to
 * 9 or nothing; adding the rest up to 127 carries into its highest bit where it is more. A byte that is more by 128 has that bit
 * itself, so what its own carry does to the next byte does not matter. */
#define ROOM_OF_DIGIT UINT64_C(0x76)
#define ROOM_OF_LITERAL UINT64_C(0x7f)

static inline int matches(uint64_t difference, uint64_t rooms) {
    return ((difference | (difference + rooms)) & EACH_BYTE(0x80)) == 0;
}

/* Neighbours of eight digits as numbers up to 99: in each byte it and the next one. */
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
/* The outline                                                                                                               */

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

static const char SHORTEST_FACT[] =
    "{\"end\":\"0000-00-00\",\"val\":0,\"accn\":\"0000000000-00-000000\",\"fy\":null,\"fp\":null,\"form\":\"0\","
    "\"filed\":\"0000-00-00\"}";

/* Behind a list of facts, none of which is proved: only how many there must be if all are regular, which have one '}' each. */
static place list(place at, place end, int32_t *facts) {
    *facts = 0;
    if (at == end || *at++ != '[')
        return NULL;
    if (at < end && *at == ']')
        return at + 1;
    while ((size_t)(end - at) > LENGTH(SHORTEST_FACT)) {
        at += LENGTH(SHORTEST_FACT) - 1;
        at = memchr(at, '}', (size_t)(end - at));
        if (at == NULL || end - at < 2)
            return NULL;
        ++*facts;
        if (at[1] == ']')
            return at + 2;
        if (at[1] != ',')
            return NULL;
        at += 2;
    }
    return NULL;
}

/* The number of a unit that is written so; -1 if there is no room for one more. */
static int32_t unit_number(place document, struct span name, struct outline *found) {
    size_t length = (size_t)(name.end - name.begin);
    for (int32_t number = 0; number < found->unit_count; number++) {
        struct span other = found->units[number];
        if ((size_t)(other.end - other.begin) == length && memcmp(document + other.begin, document + name.begin, length) == 0)
            return number;
    }
    if (found->unit_count == found->unit_room)
        return -1;
    found->units[found->unit_count] = name;
    found->unit_concepts[found->unit_count] = -1;
    return found->unit_count++;
}

/* Behind `{"USD":[...],...}`, no unit twice; NULL if it is not that. */
static place units(place document, place at, place end, struct outline *found) {
    if (at == end || *at++ != '{')
        return NULL;
    if (at < end && *at == '}')
        return at + 1;
    for (;;) {
        struct span name;
        int32_t facts;
        place begin = key(document, at, end, 1, &name);
        if (begin == NULL || (at = list(begin, end, &facts)) == NULL || at == end)
            return NULL;
        int32_t unit = unit_number(document, name, found);
        if (unit < 0 || found->unit_concepts[unit] == found->concept_count)
            return NULL;
        found->unit_concepts[unit] = found->concept_count;
        if (facts > 0) {
            if (found->list_count == found->list_room)
                return NULL;
            struct span text = {(int32_t)(begin - document), (int32_t)(at - document)};
            found->lists[found->list_count++] = (struct list){found->concept_count, unit, facts, text};
        }
        if (*at == '}')
            return at + 1;
        if (*at++ != ',')
            return NULL;
    }
}

/* Behind `{"Assets":{"label":...,"description":...,"units":{...}},...}`; NULL if it is not that. */
static place concepts(place document, place at, place end, struct outline *found) {
    if (at == end || *at++ != '{')
        return NULL;
    if (at < end && *at == '}')
        return at + 1;
    for (;;) {
        struct span unused;
        if (found->concept_count == found->concept_room)
            return NULL;
        struct concept *concept = &found->concepts[found->concept_count];
        concept->taxonomy = found->taxonomy_count;
        if ((at = key(document, at, end, 0, &concept->name)) == NULL || at == end || *at++ != '{')
            return NULL;
        if ((at = OPTIONAL_TEXT(document, at, end, "\"label\":", &unused)) == NULL)
            return NULL;
        if ((at = OPTIONAL_TEXT(document, at, end, "\"description\":", &unused)) == NULL)
            return NULL;
        if ((at = BEHIND(at, end, "\"units\":")) == NULL || (at = units(document, at, end, found)) == NULL)
            return NULL;
        found->concept_count++;
        if (end - at < 2 || *at++ != '}')
            return NULL;
        if (*at == '}')
            return at + 1;
        if (*at++ != ',')
            return NULL;
    }
}

/* Prove everything but the facts. The caller makes sure that no taxonomy stands twice, no concept twice in one, and no unit
 * in two spellings.
 *
 * document: `size` bytes.
 * found: tables and their rooms; the rest is written here.
 */
int scan_outline(place document, int64_t size, struct outline *found) {
    if (size < 0 || size > INT32_MAX)
        return 0;
    found->taxonomy_count = found->unit_count = found->concept_count = found->list_count = 0;
    found->name = (struct span){0, 0};
    place end = document + size, at = BEHIND(document, end, "{\"cik\":");
    if (at == NULL || (at = cik(at, end, &found->cik)) == NULL)
        return 0;
    if ((at = OPTIONAL_TEXT(document, at, end, "\"entityName\":", &found->name)) == NULL)
        return 0;
    if ((at = BEHIND(at, end, "\"facts\":{")) == NULL || at == end)
        return 0;
    for (int first = 1; *at != '}'; first = 0) {
        if (!first && *at++ != ',')
            return 0;
        if (found->taxonomy_count == found->taxonomy_room)
            return 0;
        at = key(document, at, end, 0, &found->taxonomies[found->taxonomy_count]);
        if (at == NULL || (at = concepts(document, at, end, found)) == NULL || at == end)
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

/* ------------------------------------------------------------------------------------------------------------------------- */
/* The facts                                                                                                                 */

/* One fact, taken apart. */
struct fact {
    int32_t start, end, filed;
    int64_t accession;
    double value;
    place number, number_end;
    uint64_t form[2];
    uint64_t period, frame;
    int16_t year;
    uint8_t has_start, has_year, has_period, has_frame, is_doubtful;
};

enum { FEBRUARY = 2, FIRST_YEAR = 1900, LAST_YEAR = 2100 };

static const uint8_t DAYS_OF_MONTH[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
static const int16_t DAYS_BEFORE_MONTH[] = {0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};

/* Whether ten bytes are written as a date; its day since 1970, or NO_DAY. */
static inline int date(place at, int32_t *day) {
    static const uint64_t pattern = UINT64_C(0x2d30302d30303030); /* "0000-00-" */
    static const uint64_t rooms = EACH_BYTE(ROOM_OF_DIGIT) + (ROOM_OF_LITERAL - ROOM_OF_DIGIT) * UINT64_C(0x0100000100000000);
    uint64_t digits = word(at) ^ pattern;
    if (!matches(digits, rooms) || !is_digit(at[8]) || !is_digit(at[9]))
        return 0;
    uint64_t twos = pairs(digits);
    int32_t year = (int32_t)(byte_of(twos, 0) * 100 + byte_of(twos, 2)), month = (int32_t)byte_of(twos, 5);
    int32_t day_of_month = (at[8] - '0') * 10 + (at[9] - '0'), before = year - 1;
    *day = NO_DAY;
    if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12)
        return 1;
    int is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (day_of_month < 1 || day_of_month > DAYS_OF_MONTH[month] + (is_leap && month == FEBRUARY))
        return 1;
    /* 719162 days from the first of January of the year 1 to that of 1970. */
    *day = before * 365 + before / 4 - before / 100 + before / 400 - 719162 + DAYS_BEFORE_MONTH[month] +
           (is_leap && month > FEBRUARY) + day_of_month - 1;
    return 1;
}

/* Whether twenty bytes are an accession number, 0000320193-24-000123; its eighteen digits as a number. */
static inline int accession(place at, int64_t *number) {
    /* Three words that overlap: the first digits, "00-00-00" from the ninth byte on, and "0-000000" from the thirteenth. */
    static const uint64_t middle_pattern = UINT64_C(0x30302d30302d3030), last_pattern = UINT64_C(0x3030303030302d30);
    static const uint64_t digit = EACH_BYTE(ROOM_OF_DIGIT), dash = ROOM_OF_LITERAL - ROOM_OF_DIGIT;
    uint64_t first = word(at) ^ EACH_BYTE('0'), middle = word(at + 8) ^ middle_pattern, last = word(at + 12) ^ last_pattern;
    if (!matches(first, digit) || !matches(middle, digit + (dash << 16) + (dash << 40)) || !matches(last, digit + (dash << 8)))
        return 0;
    uint64_t twos = pairs(middle);
    int64_t filer = eight_digits(first) * 100 + byte_of(twos, 0), serial = eight_digits(last & ~UINT64_C(0xffff));
    *number = (filer * 100 + byte_of(twos, 3)) * 1000000 + serial;
    return 1;
}

/* The longest number, and the byte behind it. */
enum { WHOLE_DIGITS = 18, FRACTION_DIGITS = 17, NUMBER = 1 + WHOLE_DIGITS + 1 + FRACTION_DIGITS + 1 };

static const double POWERS[FRACTION_DIGITS + 1] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,
                                                   1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17};

/* Behind a number; NULL if it is none, or a longer one. NUMBER bytes are read at most. */
static inline place number(place at, struct fact *fact) {
    fact->number = at;
    int is_negative = *at == '-';
    at += is_negative;
    uint64_t digits = 0;
    ptrdiff_t decimals = 0;
    place first = at;
    if (*at == '0')
        at++;
    else
        for (; at - first < WHOLE_DIGITS && is_digit(*at); at++)
            digits = digits * 10 + (uint64_t)(*at - '0');
    if (at == first)
        return NULL;
    ptrdiff_t length = at - first;
    if (*at == '.') {
        first = ++at;
        /* Too many digits overflow, which is defined, and are doubtful. */
        for (; at - first < FRACTION_DIGITS && is_digit(*at); at++)
            digits = digits * 10 + (uint64_t)(*at - '0');
        decimals = at - first;
        if (decimals == 0)
            return NULL;
    }
    /* A whole number becomes the nearest double. A quotient does where both numbers are exact, which all whole numbers up to
     * 2^53 and powers of ten up to 10^22 are; 19 digits do not overflow. */
    fact->is_doubtful = decimals > 0 && (length + decimals > 19 || digits > UINT64_C(1) << DBL_MANT_DIG);
    double size = (double)digits / POWERS[decimals];
    fact->value = is_negative ? -size : size;
    fact->number_end = at;
    return at;
}

/* Behind the text of a form and its quote: 1 to 16 of A to Z, digits, spaces, '-' and '/'; NULL if it is none. */
static inline place form(place at, place end, uint64_t words[2]) {
    words[0] = words[1] = 0;
    for (int length = 0; at < end; length++) {
        uint8_t byte = *at++;
        if (byte == '"')
            return length > 0 ? at : NULL;
        /* JSON may write a slash with a backslash before it. */
        if (byte == '\\' && (at == end || (byte = *at++) != '/'))
            return NULL;
        if (length == 16 || !(is_letter_or_digit(byte) || byte == '-' || byte == ' ' || byte == '/'))
            return NULL;
        words[length / 8] |= (uint64_t)byte << (length % 8 * 8);
    }
    return NULL;
}

/* Behind a frame's text after "CY": a year, a year and a quarter, or these and an 'I'; NULL if it is none. */
static inline place frame(place at, place end, uint64_t *text) {
    if (end - at < 4 || !(is_digit(at[0]) && is_digit(at[1]) && is_digit(at[2]) && is_digit(at[3])))
        return NULL;
    *text = (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 | (uint64_t)at[3] << 24;
    at += 4;
    if (end - at >= 2 && at[0] == 'Q') {
        if (at[1] < '1' || at[1] > '4')
            return NULL;
        *text |= (uint64_t)at[0] << 32 | (uint64_t)at[1] << 40;
        at += 2;
        if (end - at >= 1 && at[0] == 'I') {
            *text |= (uint64_t)'I' << 48;
            at++;
        }
    }
    return at;
}

/* Behind a fact, between brace and brace; NULL if it is not regular. */
static inline place take(place at, place end, struct fact *fact) {
    if ((at = BEHIND(at, end, "{\"")) == NULL)
        return NULL;
    place start = BEHIND(at, end, "start\":\"");
    fact->has_start = start != NULL;
    if (start != NULL) {
        if ((size_t)(end - start) < LENGTH("0000-00-00\",\"") || !date(start, &fact->start))
            return NULL;
        if ((at = BEHIND(start + LENGTH("0000-00-00"), end, "\",\"")) == NULL)
            return NULL;
    }
    /* What the number reads is in the shortest rest of a fact from here on. */
    _Static_assert(sizeof(SHORTEST_FACT) - sizeof("{\"end\":\"0000-00-00\",\"val\":") >= NUMBER, "a number may be too long");
    if ((size_t)(end - at) < LENGTH(SHORTEST_FACT) - LENGTH("{\""))
        return NULL;
    if ((at = BEHIND(at, end, "end\":\"")) == NULL || !date(at, &fact->end))
        return NULL;
    if ((at = BEHIND(at + LENGTH("0000-00-00"), end, "\",\"val\":")) == NULL || (at = number(at, fact)) == NULL)
        return NULL;
    /* From here to the text of the form all lengths are fixed: a null is as long as a year, and as a period in its quotes. */
    if ((size_t)(end - at) < LENGTH(",\"accn\":\"0000000000-00-000000\",\"fy\":0000,\"fp\":null,\"form\":\""))
        return NULL;
    if ((at = BEHIND(at, end, ",\"accn\":\"")) == NULL || !accession(at, &fact->accession))
        return NULL;
    if ((at = BEHIND(at + LENGTH("0000000000-00-000000"), end, "\",\"fy\":")) == NULL)
        return NULL;
    fact->has_year = at[0] != 'n';
    if (fact->has_year) {
        if (at[0] == '0' || !(is_digit(at[0]) && is_digit(at[1]) && is_digit(at[2]) && is_digit(at[3])))
            return NULL;
        fact->year = (int16_t)((at[0] - '0') * 1000 + (at[1] - '0') * 100 + (at[2] - '0') * 10 + (at[3] - '0'));
    } else if (BEHIND(at, end, "null") == NULL)
        return NULL;
    if ((at = BEHIND(at + 4, end, ",\"fp\":")) == NULL)
        return NULL;
    fact->has_period = at[0] != 'n';
    if (fact->has_period) {
        if (at[0] != '"' || !is_letter_or_digit(at[1]) || !is_letter_or_digit(at[2]) || at[3] != '"')
            return NULL;
        fact->period = (uint64_t)at[1] | (uint64_t)at[2] << 8;
    } else if (BEHIND(at, end, "null") == NULL)
        return NULL;
    if ((at = BEHIND(at + 4, end, ",\"form\":\"")) == NULL || (at = form(at, end, fact->form)) == NULL)
        return NULL;
    if ((size_t)(end - at) < LENGTH(",\"filed\":\"0000-00-00\"}"))
        return NULL;
    if ((at = BEHIND(at, end, ",\"filed\":\"")) == NULL || !date(at, &fact->filed))
        return NULL;
    if ((at = BEHIND(at + LENGTH("0000-00-00"), end, "\"")) == NULL)
        return NULL;
    place framed = BEHIND(at, end, ",\"frame\":\"CY");
    fact->has_frame = framed != NULL;
    if (framed != NULL && ((at = frame(framed, end, &fact->frame)) == NULL || (at = BEHIND(at, end, "\"")) == NULL))
        return NULL;
    return BEHIND(at, end, "}");
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

/* Set a row's bit where it is not null, and count it. */
static inline void mark(uint8_t *bits, int64_t row, int is_there, int64_t *count) {
    bits[row / 8] = (uint8_t)(bits[row / 8] | is_there << (row % 8));
    *count += is_there;
}

/* Write a row; 0 if there is no room for one of its texts. */
static inline int write_row(place document, const struct fact *fact, struct columns *to) {
    int64_t row = to->rows++;
    int32_t period = 0, frame = 0, form = number_of(&to->forms, fact->form[0], fact->form[1]);
    if (fact->has_period)
        period = number_of(&to->periods, fact->period, 0);
    if (fact->has_frame)
        frame = number_of(&to->frames, fact->frame, 0);
    if (form < 0 || period < 0 || frame < 0)
        return 0;
    int is_start_wrong = fact->has_start && fact->start == NO_DAY;
    int has_start = fact->has_start && fact->start != NO_DAY, has_end = fact->end != NO_DAY, has_filed = fact->filed != NO_DAY;
    int fault = NO_FAULT;
    if (is_start_wrong || !has_end || !has_filed)
        fault = IMPOSSIBLE_DATE;
    else if (has_start && fact->start > fact->end)
        fault = START_AFTER_END;
    to->start[row] = has_start ? fact->start : 0;
    to->end[row] = has_end ? fact->end : 0;
    to->filed[row] = has_filed ? fact->filed : 0;
    to->value[row] = fact->value;
    to->accession[row] = fact->accession;
    to->year[row] = fact->has_year ? fact->year : 0;
    to->period[row] = period;
    to->form[row] = form;
    to->frame[row] = frame;
    to->fault[row] = (uint8_t)fault;
    to->faulty += fault != NO_FAULT;
    mark(to->has_start, row, has_start, &to->starts);
    mark(to->has_end, row, has_end, &to->ends);
    mark(to->has_filed, row, has_filed, &to->fileds);
    mark(to->has_year, row, fact->has_year, &to->years);
    mark(to->has_period, row, fact->has_period, &to->period_count);
    mark(to->has_frame, row, fact->has_frame, &to->frame_count);
    if (fact->is_doubtful) {
        if (to->doubtful_count == to->doubtful_room)
            return 0;
        int32_t *noted = to->doubtful[to->doubtful_count++];
        noted[0] = (int32_t)row;
        noted[1] = (int32_t)(fact->number - document);
        noted[2] = (int32_t)(fact->number_end - document);
    }
    return 1;
}

static void fill(int32_t *column, int64_t rows, int32_t code) {
    for (int64_t row = 0; row < rows; row++)
        column[row] = code;
}

/* Prove all lists, and write the facts of the wanted ones.
 *
 * lists: as scan_outline found them.
 * codes: taxonomy, concept and unit of each list, as they are to stand in the columns; a negative taxonomy is not wanted.
 * to: columns and dictionaries, and their rooms; all counts are zero.
 */
int scan_facts(place document, const struct list *lists, int64_t count, const int32_t (*codes)[3], struct columns *to) {
    uint8_t *bits[] = {to->has_start, to->has_end, to->has_filed, to->has_year, to->has_period, to->has_frame};
    for (size_t number = 0; number < sizeof(bits) / sizeof(*bits); number++)
        memset(bits[number], 0, (size_t)(to->room + 7) / 8);
    struct dictionary *texts[] = {&to->periods, &to->forms, &to->frames};
    for (size_t number = 0; number < sizeof(texts) / sizeof(*texts); number++)
        memset(texts[number]->slots, 0, (size_t)texts[number]->slot_count * sizeof(int32_t));
    for (int64_t number = 0; number < count; number++) {
        struct list list = lists[number];
        int is_wanted = codes[number][0] >= 0;
        place at = document + list.text.begin, end = document + list.text.end;
        if (is_wanted) {
            if (list.facts > to->room - to->rows)
                return 0;
            fill(to->taxonomy + to->rows, list.facts, codes[number][0]);
            fill(to->concept + to->rows, list.facts, codes[number][1]);
            fill(to->unit + to->rows, list.facts, codes[number][2]);
        } else
            to->not_wanted += list.facts;
        for (int32_t left = list.facts; left > 0; left--) {
            struct fact fact = {0};
            /* A bracket before the first, a comma before the others. */
            if (at == end || *at++ != (left == list.facts ? '[' : ','))
                return 0;
            if ((at = take(at, end, &fact)) == NULL)
                return 0;
            if (is_wanted && !write_row(document, &fact, to))
                return 0;
        }
        if (end - at != 1 || *at != ']')
            return 0;
    }
    return 1;
}
