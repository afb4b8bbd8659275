#include "moment.h"

static int two(const unsigned char *at)
{
    return at[0] >= '0' && at[0] <= '9' && at[1] >= '0' && at[1] <= '9' ? (at[0] - '0') * 10 + at[1] - '0' : -1;
}

bool milliseconds(slice stamp, int64_t *found)
{
    static const unsigned char lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const unsigned char *at = stamp.at;
    if (stamp.size != 24 || at[4] != '-' || at[7] != '-' || at[10] != 'T' || at[13] != ':' || at[16] != ':' ||
        at[19] != '.' || at[23] != 'Z')
        return false;
    int century = two(at), years = two(at + 2), month = two(at + 5), day = two(at + 8);
    int hour = two(at + 11), minute = two(at + 14), second = two(at + 17), tens = two(at + 20);
    int year = century * 100 + years;
    if (century < 0 || years < 0 || year < 1970 || month < 1 || month > 12 || day < 1 || hour < 0 || hour > 23 ||
        minute < 0 || minute > 59 || second < 0 || second > 59 || tens < 0 || at[22] < '0' || at[22] > '9')
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day > lengths[month - 1] + (leap && month == 2))
        return false;
    int before = year - 1;
    int64_t days = (int64_t)before * 365 + before / 4 - before / 100 + before / 400 - 719162;
    for (int each = 1; each < month; each++)
        days += lengths[each - 1] + (leap && each == 2);
    days += day - 1;
    *found = ((days * 24 + hour) * 60 + minute) * 60000 + second * 1000 + tens * 10 + (at[22] - '0');
    return true;
}
