/** The kernel without training, deflated, in base64. Made by test/kernel/build.mjs. */
export const PREDICT_KERNEL: string =
  "7VjNqyRXFb9fVXWrblVXdb+eTMxo/N3iBR5DFgpCnIzJ6zIkzkRQF1lLQhwk9WZMiE1A3qIbXIibMMvsdOsTFN2o6EIl" +
  "C0Hj0r3wMkL8A3SRAuecW9Vdk+nODC7Mxgen695zzv0653fOufeJV757Swoh5OPmZbvq/8TLin5MaGv6VaXUN77zVnzr" +
  "xq3X3/yeElLbRAsppFLJXCVvvHnjW6+9uhRmo5D97jB520hzCgHZeqkXEJ0wotbd32VtulyIH/9xTN0/JTO/PKbuA1lH" +
  "XX717NfHY+ruyK71MQQ0jVkfj+l+DiLEd7nrzx+PiSZ5X5Lk++tv/mZMQUILf/u1b1wZE0nyvz73q6fH1J1LRCyxP7Rf" +
  "GtNW8oefXH5mTFvJ2dnlZ8e0lQghjsfEkiC7Qzr3n/xckk7c/Vt2+UoIMabuZ7K52P2Ux+4y/3Pd12n8P8g5d2TnjIAK" +
  "ih8x5g6Tw3Tv08Q0wTC2qVqvICGaqq3FVwvh3JlR0cqdQvgUxmdIEDXJsvW5XjTCOyhv9QJxlypRF37CLVOXvuKWrad+" +
  "xq28PvBzpHCtF9DeQPpIL9QChode6JH2CB110p1LP0HgVfUF4hXEK1jb1BfBehXxKlwEa5TUK1nDDhoz4s0GjSn1pqyR" +
  "Dxpz4s0HjQPqHSBq5EkdPV8IGLLEeItruWOPt+UnsEnamjcQzVqRTcOeC+kcEri2FpiwUwWKzpkKAtXd/lpCoLzLuE2N" +
  "GXEUBKbEocacOBoCB8TRcA1a72BpclsIB42s9RoxLR4jR9KsTVsnjJV3pEpW8pQAdKREo5Yc70fKNGbpE2od0s+8jk68" +
  "pVbllV4gouaj180CEWHAp1BeQ3qje3RAE5+OntLRU2haXSOGaUxbG1ocEWyLtI+BhHAckVaUS+fcB9GAYgvj0x0oFj2K" +
  "zQbFdoPifINiwSi2hOJsJ4qzLYp7pwVej+LBdWOA9EjqnTuCkH0ghPKPhdAeFGcjFN+zxwHF/9NN9ijOGMXZfSg2mGPO" +
  "afWeP8585GqDAxzslVcwmGCyV76WMChQ7FW4TQoVqv0zKBiUKPfPQAozzPbPoGEwxXT/DJsoFGQcEaIw3RuFv42VXalT" +
  "jsFahfiTJ83nbrZ1cqRskyx9Cnmk5j6mj23kC2ZBLUE/ppZmxb2oEQ4qBPLN1sthJo5ZBfOiWfAaMDy3hqwU9JE69JI+" +
  "eaOWnkPb1tYsMKyDqKWYgYTkWMmQfYx/I0jCrqSTRTSYpn6y6jv3zNTl7/3lw9+Pia8ndxuLMdH1xMF1d2Sddfk77olf" +
  "jomL+J+Sp58aExXojCVX//WDq2PaStR7X3l2TFvJz19693hMJKHl6dyl/9GVMfGAp/5cPjOm7VRX/vaF4zFtJb946d3j" +
  "MYVrwX0mdIODTCNbbyg3Bh8q9qEgt/Vu2qRwhtCckofPQtLeJmZJv+Es59JnnI+9gYKkxMxLhrSf0VYiuldWyiFGQkyG" +
  "o1p+mAlROs0YtPWALNAmQUA7qRVUg69dqm0VRnrdCHZ9BHvNUAoPmEypiMRQ0O1lJb7I51pLOkJMG4v5vJqamjJNXx1o" +
  "nd4Y7ixSbhX3wcMQTqAJ9BF0k7SNvdXopS9IjlAzUFzrw0etoBDTdQ/xi5c4IiiezPOFeAwGmqx5pIRDcrP1djSkkaQc" +
  "QSO69qBx6Xicevhx2XicfvhxDnljyKyCjc6uR0IMylt2sDN10tAx3MlCx3LHhU4Oze7QPU7I4pFaIGmqEz9phNf04qAN" +
  "vEXVuaaZbMtZYsopj5uzrhBS6Wo6OzBRnMwvPHKxPuB7CYvn0HChWe7QrAKP+sQn3qaQVF1h08zlxaR89FOPXfr0Zx7/" +
  "7FAkppgFIQlIgYR1hTnKHfxy5yJcK6phwEdX0dCYvFBIvtzUGhPqX7/kdS4cBS7dyb0YAdm9nSpzalcDMH0aQlkS/qto" +
  "k64neoEJyk26LjnUMwJwgexICZ/Tp/KWPnxX09TKvaPPoZdqEdK4CrmhQI4U5FlWmENWOpduF19CGboeZUfqSa+QNtGy" +
  "ts26TzGuSZZQlaDBodcyBCT0dVawJIVk0MghlvnsBBueLetn47lI/F8VhPBEoyfuQxcEs7cgmL0FwewtCFH/xHvogmD2" +
  "FgTzoIKgRgVhbHrLprNsen4GZsEdCur/5txvTs3v5lpxseuxyhh1DiUVmXJbZidDmUW4T1XhHXToS2xrb+r1tuSaoRDD" +
  "tj6l7FtHPoH0AjZUPb7Wx+H9HP7JcC59hMCpiJMQJ6GXoqQUkkJRdQ4bLhHxKUokfGGWVAslSvqUXPpq3d+9+AQU4P2T" +
  "jrfMO0VZSef+Aw==";
